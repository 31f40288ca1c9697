/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list - every command under every name it has
 *
 * A new command is one line for each of its names: COMMAND("words", file) stands for the record
 * cmd_file of src/cmd/file.c. The lines are sorted by their words as strcmp() sorts (a space comes
 * before every letter); tests/style/commands checks it.
 */
#include "cmd/list.h"

#include "base/macros.h"

/* clang-format off */
#define COMMANDS(COMMAND) \
	COMMAND("__complete", complete) \
	COMMAND("__completeNoDesc", complete_bare) \
	COMMAND("__docs", docs) \
	COMMAND("__man", man) \
	COMMAND("attach", attach) \
	COMMAND("build", build) \
	COMMAND("builder", builder) \
	COMMAND("builder build", build) \
	COMMAND("builder prune", builder_prune) \
	COMMAND("buildx", buildx) \
	COMMAND("buildx b", build) \
	COMMAND("buildx build", build) \
	COMMAND("buildx prune", builder_prune) \
	COMMAND("commit", commit) \
	COMMAND("completion", completion) \
	COMMAND("container", container) \
	COMMAND("container attach", attach) \
	COMMAND("container clone", container_clone) \
	COMMAND("container commit", commit) \
	COMMAND("container cp", cp) \
	COMMAND("container create", create) \
	COMMAND("container diff", container_diff) \
	COMMAND("container exec", exec) \
	COMMAND("container exists", container_exists) \
	COMMAND("container export", export) \
	COMMAND("container init", init) \
	COMMAND("container inspect", container_inspect) \
	COMMAND("container kill", kill) \
	COMMAND("container list", ps) \
	COMMAND("container logs", logs) \
	COMMAND("container ls", ps) \
	COMMAND("container mount", mount) \
	COMMAND("container pause", pause) \
	COMMAND("container port", port) \
	COMMAND("container prune", container_prune) \
	COMMAND("container ps", ps) \
	COMMAND("container remove", rm) \
	COMMAND("container rename", rename) \
	COMMAND("container restart", restart) \
	COMMAND("container rm", rm) \
	COMMAND("container run", run) \
	COMMAND("container start", start) \
	COMMAND("container stats", stats) \
	COMMAND("container stop", stop) \
	COMMAND("container top", top) \
	COMMAND("container umount", unmount) \
	COMMAND("container unmount", unmount) \
	COMMAND("container unpause", unpause) \
	COMMAND("container update", update) \
	COMMAND("container wait", wait) \
	COMMAND("cp", cp) \
	COMMAND("create", create) \
	COMMAND("diff", diff) \
	COMMAND("doctor", doctor) \
	COMMAND("events", events) \
	COMMAND("exec", exec) \
	COMMAND("export", export) \
	COMMAND("healthcheck", healthcheck) \
	COMMAND("healthcheck run", healthcheck_run) \
	COMMAND("help", help) \
	COMMAND("history", history) \
	COMMAND("image", image) \
	COMMAND("image build", build) \
	COMMAND("image diff", image_diff) \
	COMMAND("image exists", image_exists) \
	COMMAND("image history", history) \
	COMMAND("image import", import) \
	COMMAND("image inspect", image_inspect) \
	COMMAND("image list", images) \
	COMMAND("image load", load) \
	COMMAND("image ls", images) \
	COMMAND("image mount", image_mount) \
	COMMAND("image prune", image_prune) \
	COMMAND("image pull", pull) \
	COMMAND("image push", push) \
	COMMAND("image remove", rmi) \
	COMMAND("image rm", rmi) \
	COMMAND("image save", save) \
	COMMAND("image scp", image_scp) \
	COMMAND("image search", search) \
	COMMAND("image tag", tag) \
	COMMAND("image tree", image_tree) \
	COMMAND("image trust", image_trust) \
	COMMAND("image trust set", image_trust_set) \
	COMMAND("image trust show", image_trust_show) \
	COMMAND("image umount", image_unmount) \
	COMMAND("image unmount", image_unmount) \
	COMMAND("image untag", untag) \
	COMMAND("images", images) \
	COMMAND("import", import) \
	COMMAND("info", info) \
	COMMAND("init", init) \
	COMMAND("inspect", inspect) \
	COMMAND("kill", kill) \
	COMMAND("load", load) \
	COMMAND("login", login) \
	COMMAND("logout", logout) \
	COMMAND("logs", logs) \
	COMMAND("manifest", manifest) \
	COMMAND("manifest add", manifest_add) \
	COMMAND("manifest annotate", manifest_annotate) \
	COMMAND("manifest create", manifest_create) \
	COMMAND("manifest exists", manifest_exists) \
	COMMAND("manifest inspect", manifest_inspect) \
	COMMAND("manifest push", manifest_push) \
	COMMAND("manifest remove", manifest_remove) \
	COMMAND("manifest rm", manifest_rm) \
	COMMAND("mount", mount) \
	COMMAND("network", network) \
	COMMAND("network connect", network_connect) \
	COMMAND("network create", network_create) \
	COMMAND("network disconnect", network_disconnect) \
	COMMAND("network exists", network_exists) \
	COMMAND("network inspect", network_inspect) \
	COMMAND("network list", network_ls) \
	COMMAND("network ls", network_ls) \
	COMMAND("network prune", network_prune) \
	COMMAND("network reload", network_reload) \
	COMMAND("network remove", network_rm) \
	COMMAND("network rm", network_rm) \
	COMMAND("network update", network_update) \
	COMMAND("pause", pause) \
	COMMAND("port", port) \
	COMMAND("ps", ps) \
	COMMAND("pull", pull) \
	COMMAND("push", push) \
	COMMAND("rename", rename) \
	COMMAND("restart", restart) \
	COMMAND("rm", rm) \
	COMMAND("rmi", rmi) \
	COMMAND("run", run) \
	COMMAND("save", save) \
	COMMAND("search", search) \
	COMMAND("secret", secret) \
	COMMAND("secret create", secret_create) \
	COMMAND("secret exists", secret_exists) \
	COMMAND("secret inspect", secret_inspect) \
	COMMAND("secret list", secret_ls) \
	COMMAND("secret ls", secret_ls) \
	COMMAND("secret remove", secret_rm) \
	COMMAND("secret rm", secret_rm) \
	COMMAND("start", start) \
	COMMAND("stats", stats) \
	COMMAND("stop", stop) \
	COMMAND("system", system) \
	COMMAND("system check", system_check) \
	COMMAND("system df", system_df) \
	COMMAND("system events", events) \
	COMMAND("system info", info) \
	COMMAND("system migrate", system_migrate) \
	COMMAND("system prune", system_prune) \
	COMMAND("system renumber", system_renumber) \
	COMMAND("system reset", system_reset) \
	COMMAND("tag", tag) \
	COMMAND("top", top) \
	COMMAND("umount", unmount) \
	COMMAND("unmount", unmount) \
	COMMAND("unpause", unpause) \
	COMMAND("unshare", unshare) \
	COMMAND("untag", untag) \
	COMMAND("update", update) \
	COMMAND("version", version) \
	COMMAND("volume", volume) \
	COMMAND("volume create", volume_create) \
	COMMAND("volume exists", volume_exists) \
	COMMAND("volume export", volume_export) \
	COMMAND("volume import", volume_import) \
	COMMAND("volume inspect", volume_inspect) \
	COMMAND("volume list", volume_ls) \
	COMMAND("volume ls", volume_ls) \
	COMMAND("volume mount", volume_mount) \
	COMMAND("volume prune", volume_prune) \
	COMMAND("volume remove", volume_rm) \
	COMMAND("volume rm", volume_rm) \
	COMMAND("volume unmount", volume_unmount) \
	COMMAND("wait", wait) \
	/* the end */
/* clang-format on */

#define DECLARE(words_, file) extern const struct command cmd_##file;
#define ENTRY(words_, file) { .words = (words_), .command = &cmd_##file },

COMMANDS(DECLARE)

static const struct command_entry entries[] = { COMMANDS(ENTRY) };

const struct command_list command_list = { .items = entries, .count = array_len(entries) };
