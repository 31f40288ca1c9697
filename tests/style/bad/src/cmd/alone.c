/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * alone - a command without a test
 */
