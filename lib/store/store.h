/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store - where the state of one user lives: images, layers, containers, volumes
 *
 *	oci-layout, index.json, blobs/sha256/HEX	images, as an OCI image layout
 *	layers/HEX[.N]/{diff/,meta.json}		unpacked once per diff id; .N are later copies (layers.h)
 *	containers/ID/{config.json,state.json,alive,…}	records (record.h)
 *	names/NAME -> ID				symlinks; made with O_EXCL semantics
 *	volumes/NAME/{_data/,meta.json}			volumes (volume.h)
 *	events/{log,log.1}				what happened (event.h)
 *	networks/NAME.json				networks that the user made (network.h)
 *	secrets/					what its name says
 *	userns/HOST.json, userns/HOST.live		whose user namespace can be joined there (outer.h)
 *	skeleton/					lowest layer of every container (skeleton.h)
 *	tmp/HOST/…					what is being made or taken away (temp.h)
 *	tmp/blobs/HEX					the part of a blob that has arrived (blob.h)
 *	hashes						digests of files outside the store (hashes.h)
 *	lock						every lock is a byte of it (lock.h)
 *
 * Invariants:
 *   (1) everything appears under its final name by rename(2) or link(2), whole;
 *   (2) a reader takes no lock and writes nothing, so a store that cannot be written can be read;
 *   (3) removing creates no file and needs no free space;
 *   (4) what lies in the stores behind this one (store_add) is found and read, and nothing is written,
 *       locked or removed there.
 *
 * Folders are the user's alone (0700), with one exception: where others may enter the store's own folder,
 * its maker shares it, and images (list, blobs, layers) get the same rights of reading. Containers, volumes
 * and secrets never do. Nothing here depends on XDG_RUNTIME_DIR.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/macros.h"
#include "kern/host.h"

enum { STORES_MAX = 16 }; /* that are read too */

struct store {
	int dir;	/* the store's folder */
	char *path;	/* of it; absolute, no link in it */
	char *host_id;	/* of this host; fit for a file name */
	char *boot_id;	/* of this boot */
	char *machine;	/* as uname(2) names its kind; chooses from lists of images */
	bool read_only; /* the file system or the permissions forbid writing */
	mode_t readers; /* rights of group and others that the store's folder has, of S_IRWXG | S_IRWXO */
	struct {
		struct store *
			*items; /* only read from, in the order in which they are looked through */
		size_t count;
	} more;
};

/**
 * store_default_path() - where the store is when nothing says otherwise
 * @host:	facts
 *
 * Return: $XDG_DATA_HOME/cubby, or .local/share/cubby below the home; to be freed, never NULL.
 */
must_check char *store_default_path(const struct host *host);

/**
 * store_open() - open the store, making it when it is not there
 * @host:	facts
 * @path:	--root or the configured place; NULL for store_default_path(); need not be absolute
 * @out:	to be released with store_close; set on success only
 * @err:	names the path, and the owner where permission is missing
 *
 * Return: 0; -EACCES when the folder is another's or closed to us; -ENOTDIR; -EROFS when it is not
 * there and cannot be made; -EBADMSG when the folder holds other files than a store's; otherwise what
 * the kernel said.
 */
must_check int store_open(const struct host *host, const char *path, struct store **out,
			  struct err *err);

/**
 * store_add() - put a store that is only read from behind this one
 * @store:	open store
 * @path:	of the other one; need not be absolute
 * @err:	names the path
 *
 * Its images are found by image_find() and images_load_all(), its blobs by blob_open(), blob_read() and
 * blob_state(), its layers by layer_find(), after those of the own store and of those added before. It may
 * be another user's, or on a disk that cannot be written. The own store itself, or one that was added, is
 * not added again.
 *
 * Return: 0; -ENOENT when it is not there or no store; -EMFILE beyond STORES_MAX; -EACCES when we may not enter it; otherwise what
 * the kernel said.
 */
must_check int store_add(struct store *store, const char *path, struct err *err);

/**
 * store_mode() - the mode of a folder or file of images
 * @store:	open store
 * @mode:	what the owner may
 *
 * Return: @mode, with the same rights of reading and entering for those who may read and enter the store.
 */
mode_t store_mode(const struct store *store, mode_t mode);

/**
 * store_close() - release a store
 * @store:	may be NULL
 */
void store_close(struct store *store);

/**
 * store_check_writable() - refuse to change a store that can only be read
 * @store:	open store
 * @err:	names the path
 *
 * Return: 0 or -EROFS.
 */
must_check int store_check_writable(const struct store *store, struct err *err);

/**
 * store_wipe() - remove everything that a store consists of
 * @store:	open store; good for nothing but store_close() afterwards
 * @err:	what could not be removed
 *
 * As root of the outer user namespace, because files may have other ids of the user's map. The folder itself stays,
 * and so does what is no store's in it. oci-layout goes last: what is interrupted is still a store.
 *
 * Return: 0 or the first negative errno.
 */
must_check int store_wipe(const struct store *store, struct err *err);

/**
 * store_path() - absolute path of something in the store, for mounts
 * @store:	open store
 * @rel:	below the store
 *
 * Return: the path, to be freed; never NULL.
 */
must_check char *store_path(const struct store *store, const char *rel);

/**
 * store_container_path() - absolute path in a container's folder
 * @store:	open store
 * @id:		full id
 * @rel:	below it, for example "upper"; NULL for the folder itself
 *
 * Return: the path, to be freed; never NULL.
 */
must_check char *store_container_path(const struct store *store, const char *id, const char *rel);

/**
 * store_volume_path() - absolute path of a volume's files
 * @store:	open store
 * @name:	of the volume
 *
 * Return: the path of its _data, to be freed; never NULL.
 */
must_check char *store_volume_path(const struct store *store, const char *name);

DEFINE_AUTO_PTR(store, struct store, store_close)
