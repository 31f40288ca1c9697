# SPDX-License-Identifier: LGPL-2.1-or-later
# build-sbom - what is in an image, as a scanner lists it
#
# The scanner is an image of ours: scan FORM DIR OUTPUT writes a document of the lines NAME VERSION in DIR/packages.

load ../lib/context

CYCLONEDX=merge-cyclonedx-by-component-name-and-version
SPDX=merge-spdx-by-package-name-and-versioninfo

setup_file() {
    file_setup
    import_busybox
    local folder=$BATS_FILE_TMPDIR/scanner
    mkdir "$folder"
    cat > "$folder/scan" <<'EOF'
#!/bin/sh
each() {
    [ -f "$1" ] || return 0
    sep=
    while read -r name version; do
        # shellcheck disable=SC2059
        printf "$sep$2" "$name" "$version" "$name" "$version"
        sep=,
    done < "$1"
}
case $1 in
cyclonedx)
    item='{"name":"%s","version":"%s","purl":"pkg:x/%s@%s"}'
    echo "{\"bomFormat\":\"CycloneDX\",\"components\":[$(each "$2/packages" "$item")]}" ;;
spdx)
    item='{"name":"%s","versionInfo":"%s","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER",'
    item=$item'"referenceType":"purl","referenceLocator":"pkg:x/%s@%s"}]}'
    echo "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[$(each "$2/packages" "$item")]}" ;;
names)
    ls -A "$2" ;;
esac > "$3"
EOF
    chmod 755 "$folder/scan"
    printf 'FROM bb:1\nCOPY scan /bin/scan\n' > "$folder/Dockerfile"
    cubby build -q -t scanner:1 "$folder"
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    OUT=$BATS_TEST_TMPDIR/out
    mkdir -p "$CONTEXT" "$OUT"
    printf 'b 2\na 1\n' > "$CONTEXT/packages"
    printf 'FROM bb:1\nRUN printf "a 1\\nc 3\\n" > /packages\n' > "$CONTEXT/Dockerfile"
}

# scan: build with the scanner of this file
# gives: build --sbom-scanner-image=IMAGE --sbom-scanner-command=COMMAND --sbom-merge-strategy=HOW --sbom-output=FILE
# gives: build --sbom-purl-output=FILE
# gives: build --sbom-image-output=PATH --sbom-image-purl-output=PATH
scan() { cubby build --sbom-scanner-image scanner:1 "$@"; }

# both FORM HOW: the flags that scan the root and the context
both() {
    FLAGS=(--sbom-scanner-command "scan $1 {ROOTFS} {OUTPUT}" --sbom-scanner-command "scan $1 {CONTEXT} {OUTPUT}"
        --sbom-merge-strategy "$2")
}

# names LIST KEY FILE: NAME@VERSION of the list's items, in order
names() {
    python3 -c '
import json, sys
for item in json.load(open(sys.argv[3]))[sys.argv[1]]:
    print(item["name"] + "@" + item[sys.argv[2]])' "$@"
}

purls() {
    python3 -c '
import json, sys
print(*json.load(open(sys.argv[1]))["image_contents"].get("dependencies", []), sep="\n")' "$1"
}

@test 'lists of the root and of the context are merged, each package once, and written to files' {
    both cyclonedx "$CYCLONEDX"
    ok scan "${FLAGS[@]}" --sbom-output "$OUT/sbom.json" --sbom-purl-output "$OUT/purls.json" -t app:1 "$CONTEXT"
    err_has 'SCAN scan cyclonedx /.rootfs'
    err_has 'SCAN scan cyclonedx /.context0'
    [ "$(names components version "$OUT/sbom.json")" = $'a@1\nc@3\nb@2' ]
    [ "$(purls "$OUT/purls.json")" = $'pkg:x/a@1\npkg:x/b@2\npkg:x/c@3' ]
    # the image is what it is without a scan
    ok cubby build -q "$CONTEXT"
    local id=$output
    ok cubby image inspect --format '{{.Id}}' app:1
    out_is "$id"
    [ "$(cd "$OUT" && stat -c %a sbom.json)" = 644 ]
}

@test 'documents of SPDX are merged by name and versionInfo, others are joined' {
    both spdx "$SPDX"
    ok scan -q "${FLAGS[@]}" --sbom-output "$OUT/sbom.json" --sbom-purl-output "$OUT/purls.json" "$CONTEXT"
    [ "$(names packages versionInfo "$OUT/sbom.json")" = $'a@1\nc@3\nb@2' ]
    [ "$(purls "$OUT/purls.json")" = $'pkg:x/a@1\npkg:x/b@2\npkg:x/c@3' ]
    both names cat
    ok scan -q "${FLAGS[@]}" --sbom-output "$OUT/names" --sbom-purl-output "$OUT/purls.json" "$CONTEXT"
    grep -qx packages "$OUT/names"
    grep -qx usr "$OUT/names"
    grep -qx Dockerfile "$OUT/names"
    [ "$(purls "$OUT/purls.json")" = '' ]
}

@test 'the image has what was found in a layer of its own, the same in each build' {
    both cyclonedx "$CYCLONEDX"
    local in=(--sbom-image-output /root/buildinfo/sbom.json --sbom-image-purl-output buildinfo/purls.json)
    ok scan -q "${FLAGS[@]}" "${in[@]}" --sbom-output "$OUT/sbom.json" -t app:1 "$CONTEXT"
    local id=$output
    ok cubby run --rm app:1 cat /root/buildinfo/sbom.json
    [ "$output" = "$(cat "$OUT/sbom.json")" ]
    ok cubby run --rm app:1 stat -c '%a %u %g %Y' /root/buildinfo/sbom.json /buildinfo/purls.json /buildinfo
    out_is $'644 0 0 0\n644 0 0 0\n755 0 0 0'
    ok cubby history --format '{{.CreatedBy}}' --no-trunc app:1
    [ "${output%%$'\n'*}" = 'SBOM /root/buildinfo/sbom.json /buildinfo/purls.json' ]
    ok scan "${FLAGS[@]}" "${in[@]}" -t app:1 "$CONTEXT"
    out_is "$id"
    err_matches 'SBOM [^'$'\n'']*'$'\n''[^ ]* cached'
    # another list is another layer
    echo 'd 4' >> "$CONTEXT/packages"
    ok scan -q "${FLAGS[@]}" "${in[@]}" -t app:1 "$CONTEXT"
    [ "$output" != "$id" ]
    ok cubby run --rm app:1 cat /root/buildinfo/sbom.json
    out_has '"d"'
    ok cubby system check
}

@test 'an image that is made again elsewhere has the same digest, squashed, too' {
    both cyclonedx "$CYCLONEDX"
    local flags=("${FLAGS[@]}" --timestamp 1000 --sbom-image-output /sbom.json)
    for squash in '' --squash --squash-all; do
        # shellcheck disable=SC2086
        ok scan -q "${flags[@]}" $squash -t app:1 "$CONTEXT"
        local id=$output
        # shellcheck disable=SC2086
        ok scan -q --no-cache "${flags[@]}" $squash -t app:1 "$CONTEXT"
        out_is "$id"
        ok cubby run --rm app:1 stat -c %Y /sbom.json
        out_is 1000
    done
    ok cubby image inspect --format '{{len .RootFS.Layers}}' app:1
    out_is 1
    # who dates what it writes is told the time
    ok scan -q --timestamp 1000 --sbom-scanner-command 'echo "$SOURCE_DATE_EPOCH" > {OUTPUT}; : {ROOTFS}' \
        --sbom-output "$OUT/time" "$CONTEXT"
    [ "$(cat "$OUT/time")" = 1000 ]
}

@test 'outputs of files and archives have it' {
    local flags=(--sbom-scanner-command 'scan cyclonedx {ROOTFS} {OUTPUT}' --sbom-image-output /sbom.json)
    ok scan -q "${flags[@]}" -o "$OUT/root" "$CONTEXT"
    [ "$(names components version "$OUT/root/sbom.json")" = $'a@1\nc@3' ]
    ok scan -q "${flags[@]}" -o type=tar,dest="$OUT/root.tar" "$CONTEXT"
    tar -tf "$OUT/root.tar" | grep -q 'sbom.json$'
    ok scan -q "${flags[@]}" -t o:1 -o type=oci,dest="$OUT/oci.tar" "$CONTEXT"
    ok cubby rmi o:1
    ok cubby load -q -i "$OUT/oci.tar"
    ok cubby run --rm o:1 cat /sbom.json
    out_has '"c"'
}

@test 'each context is scanned, without what it leaves out, and cannot be written to' {
    mkdir "$OUT/more"
    echo 'more 9' > "$OUT/more/packages"
    echo secret > "$CONTEXT/.env"
    echo .env > "$CONTEXT/.dockerignore"
    both names cat
    ok scan "${FLAGS[@]}" --build-context "more=$OUT/more" --build-context image=docker-image://bb:1 \
        --sbom-output "$OUT/names" "$CONTEXT"
    err_has 'SCAN scan names /.context1 /.scans/scan2.json (context more)'
    err_lacks context2
    ! grep -q '\.env' "$OUT/names" || false
    both cyclonedx "$CYCLONEDX"
    ok scan -q "${FLAGS[@]}" --build-context "more=$OUT/more" --sbom-output "$OUT/sbom.json" "$CONTEXT"
    [ "$(names components version "$OUT/sbom.json")" = $'a@1\nc@3\nb@2\nmore@9' ]
    for what in ROOTFS CONTEXT; do
        fails 1 scan --sbom-scanner-command "touch {$what}/x && touch {OUTPUT}" --sbom-merge-strategy cat \
            --sbom-output "$OUT/none" "$CONTEXT"
        err_has 'Read-only file system'
    done
    [ ! -e "$CONTEXT/x" ]
    # without a context there is the root
    ok scan -q "${FLAGS[@]}" --sbom-output "$OUT/sbom.json" - < "$CONTEXT/Dockerfile"
    [ "$(names components version "$OUT/sbom.json")" = $'a@1\nc@3' ]
}

@test 'a preset needs a place for its list, and options outweigh it' {
    fails 125 cubby build --sbom syft "$CONTEXT"
    err_has --sbom-output
    for preset in syft syft-cyclonedx trivy trivy-cyclonedx; do
        ok cubby build -q --sbom "$preset" --sbom-scanner-image scanner:1 \
            --sbom-scanner-command 'scan cyclonedx {ROOTFS} {OUTPUT}' --sbom-purl-output "$OUT/purls" "$CONTEXT"
        [ "$(purls "$OUT/purls")" = $'pkg:x/a@1\npkg:x/c@3' ]
    done
    for preset in syft-spdx trivy-spdx; do
        ok cubby build -q --sbom "$preset" --sbom-scanner-image scanner:1 \
            --sbom-scanner-command 'scan spdx {ROOTFS} {OUTPUT}' --sbom-purl-output "$OUT/purls" "$CONTEXT"
        [ "$(purls "$OUT/purls")" = $'pkg:x/a@1\npkg:x/c@3' ]
    done
    fails 125 cubby build --pull=never --sbom trivy-spdx --sbom-output "$OUT/x" "$CONTEXT"
    err_has ghcr.io/aquasecurity/trivy
}

@test 'what is wrong or missing is told before the first step' {
    local command='scan names {ROOTFS} {OUTPUT}'
    while read -r word flags; do
        # shellcheck disable=SC2086
        fails 125 cubby build $flags "$CONTEXT"
        err_has "$word"
        err_lacks 'RUN printf'
    done <<EOF
sift --sbom sift --sbom-output $OUT/x
'false' --sbom true
'false' --sbom generator=image
--sbom-scanner-image --sbom-output $OUT/x
--sbom-scanner-command --sbom-scanner-image scanner:1 --sbom-output $OUT/x
'dog' --sbom syft --sbom-output $OUT/x --sbom-merge-strategy dog
'/nowhere/x' --sbom syft --sbom-output /nowhere/x
'/etc/sbom' --sbom syft --sbom-output /etc/sbom
'/etc/passwd' --sbom syft --sbom-output $OUT/x --sbom-purl-output /etc/passwd
folder --sbom syft --sbom-purl-output $OUT
'/etc/' --sbom syft --sbom-image-output /etc/
{OUTPUT} --sbom syft --sbom-output $OUT/x --sbom-scanner-command scan
EOF
    fails 125 scan --sbom-scanner-command "$command" --sbom-purl-output "$OUT/x" "$CONTEXT"
    err_has --sbom-merge-strategy
    # also where the target waits for other stages
    printf 'FROM bb:1\nCOPY --from=tools /packages /\n' > "$BATS_TEST_TMPDIR/target"
    sed -i 's/^FROM.*/& AS tools/' "$CONTEXT/Dockerfile"
    for image in missing:1 Not:A:Name; do
        fails 125 cubby build --sbom-scanner-image "$image" --pull=never --sbom-scanner-command "$command" \
            --sbom-output "$OUT/x" -f "$CONTEXT/Dockerfile" -f "$BATS_TEST_TMPDIR/target" "$CONTEXT"
        err_has "$image"
        err_lacks 'RUN printf'
    done
    [ -z "$(ls "$OUT")" ]
}

@test 'a scanner that fails fails the build with its status and its last lines' {
    for quiet in '' -q; do
        # shellcheck disable=SC2086
        fails 7 scan $quiet --sbom-scanner-command "sh -c 'echo it-is-broken; exit 7' {ROOTFS} {OUTPUT}" \
            --sbom-output "$OUT/x" --sbom-image-output /x -t broken:1 "$CONTEXT"
        err_has it-is-broken
        err_has 'ended with status 7'
    done
    fails 127 scan --sbom-scanner-command 'no-such-program {ROOTFS} {OUTPUT}' --sbom-output "$OUT/x" -t broken:1 \
        "$CONTEXT"
    err_has "cannot run 'no-such-program'"
    fails 1 cubby image exists broken:1
    [ -z "$(ls "$OUT")" ]
    # what was built is there to be looked into
    fails 7 scan --keep-failed --sbom-scanner-command "sh -c 'exit 7' {ROOTFS} {OUTPUT}" --sbom-output "$OUT/x" "$CONTEXT"
    err_has 'look at what was built before it'
    ok cubby ps -aq
    out_is ''
}

@test 'what a scanner writes is a file of JSON, not too large, whoever owns it' {
    local how=(--sbom-merge-strategy "$CYCLONEDX" --sbom-output "$OUT/x")
    while IFS='|' read -r word command; do
        fails 125 scan --sbom-scanner-command "$command; : {ROOTFS} {OUTPUT}" "${how[@]}" -t broken:1 "$CONTEXT"
        err_has "$word"
        err_has "${command%% *} "
    done <<'EOF'
has not|true > /dev/null
is a link|ln -s /etc/passwd {OUTPUT}
is no file|mkfifo {OUTPUT}
is no file|mkdir {OUTPUT}
128 MiB|truncate -s 1G {OUTPUT}
not valid JSON|echo '{"components":[' > {OUTPUT}
nested too deeply|printf '%0200d' 0 > /tmp/x; sed 's/0/[/g' /tmp/x > {OUTPUT}
is no JSON object|echo '[]' > {OUTPUT}
a component has no 'name'|echo '{"components":[{}]}' > {OUTPUT}
EOF
    fails 1 cubby image exists broken:1
    [ -z "$(ls "$OUT")" ]
    ok scan -q --sbom-scanner-command 'echo hidden > {OUTPUT}; chmod 0 {OUTPUT}; : {ROOTFS}' --sbom-output "$OUT/x" "$CONTEXT"
    [ "$(cat "$OUT/x")" = hidden ]
    if has_ranges; then
        ok scan -q --sbom-scanner-command 'mkdir /.scans/d; echo 5 > {OUTPUT}; chown 5:5 {OUTPUT} /.scans/d; : {ROOTFS}' \
            --sbom-output "$OUT/x" "$CONTEXT"
        [ "$(cat "$OUT/x")" = 5 ]
    fi
    ok cubby system check
}

@test 'no link of the image leads what is put into it elsewhere' {
    echo untouched > "$OUT/host"
    cat > "$CONTEXT/Dockerfile" <<EOF
FROM bb:1
RUN ln -s ../../../../..$OUT /out && ln -s /etc/passwd /sbom.json && mkdir /folder
EOF
    local command=(--sbom-scanner-command 'scan names {ROOTFS} {OUTPUT}')
    ok scan -q "${command[@]}" --sbom-image-output /out/host -t app:1 "$CONTEXT"
    [ "$(cat "$OUT/host")" = untouched ]
    ok cubby run --rm app:1 grep -c packages "$OUT/host" || out_is 0
    # a link is replaced, and what it names is not
    ok scan -q "${command[@]}" --sbom-image-output /sbom.json -t app:1 "$CONTEXT"
    ok cubby run --rm app:1 sh -c 'head -n 1 /etc/passwd; stat -c %F /sbom.json'
    out_has root:
    out_has 'regular file'
    fails 125 scan -q "${command[@]}" --sbom-image-output /folder -t app:2 "$CONTEXT"
    err_has "cannot put '/folder' into the image"
    fails 125 scan -q "${command[@]}" --sbom-image-output /etc/passwd/x -t app:2 "$CONTEXT"
    err_has "cannot put '/etc/passwd/x' into the image"
    fails 1 cubby image exists app:2
}

@test 'each platform is scanned, by a scanner of this machine, and has files of its own' {
    printf 'FROM scratch\nARG TARGETARCH\nCOPY packages-$TARGETARCH /packages\n' > "$CONTEXT/Dockerfile"
    echo 'x 1' > "$CONTEXT/packages-arm64"
    echo 'y 1' > "$CONTEXT/packages-riscv64"
    ok scan --platform linux/arm64,linux/riscv64 --sbom-scanner-command 'scan cyclonedx {ROOTFS} {OUTPUT}' \
        --sbom-output "$OUT/sbom.json" --sbom-image-output /sbom.json -o "$OUT/root" "$CONTEXT"
    [ "$(names components version "$OUT/sbom_linux_arm64.json")" = x@1 ]
    [ "$(names components version "$OUT/sbom_linux_riscv64.json")" = y@1 ]
    [ ! -e "$OUT/sbom.json" ]
    cmp "$OUT/sbom_linux_arm64.json" "$OUT/root/linux_arm64/sbom.json"
    cmp "$OUT/sbom_linux_riscv64.json" "$OUT/root/linux_riscv64/sbom.json"
}

@test 'only the target is scanned, and nothing is where the file is only looked at' {
    cat > "$CONTEXT/Dockerfile" <<'EOF'
FROM bb:1 AS tools
RUN echo 't 1' > /packages
FROM bb:1 AS app
COPY --from=tools /packages /packages
RUN echo 'u 1' >> /packages
FROM app
RUN false
EOF
    local flags=(--sbom-scanner-command 'scan cyclonedx {ROOTFS} {OUTPUT}' --sbom-output "$OUT/sbom.json")
    ok scan "${flags[@]}" --target app "$CONTEXT"
    [ "$(grep -c ' SCAN ' <<< "$stderr")" = 1 ]
    [ "$(names components version "$OUT/sbom.json")" = $'t@1\nu@1' ]
    rm "$OUT/sbom.json"
    ok scan "${flags[@]}" --check --target app "$CONTEXT"
    ok scan "${flags[@]}" --call outline --target app "$CONTEXT"
    [ ! -e "$OUT/sbom.json" ]
    # one that is made of nothing has nothing in it
    ok scan -q "${flags[@]}" - <<< 'FROM scratch'
    [ "$(names components version "$OUT/sbom.json")" = '' ]
}

@test 'a scanner has the network of RUN, and not its mounts, secrets and rights' {
    echo of-the-host > "$OUT/file"
    echo hush > "$OUT/secret"
    ok scan -q --network none -v "$OUT:/given" --secret "id=s,src=$OUT/secret" \
        --sbom-scanner-command '{ ls /sys/class/net; ls -d /given /run/secrets 2>&1; } > {OUTPUT}; : {ROOTFS}' \
        --sbom-output "$OUT/seen" "$CONTEXT"
    [ "$(head -n 1 "$OUT/seen")" = lo ]
    grep -q '/given: No such file' "$OUT/seen"
    grep -q '/run/secrets: No such file' "$OUT/seen"
    ! grep -q eth0 "$OUT/seen" || false
    local see=(--sbom-scanner-command 'grep -E "Cap|Seccomp:" /proc/self/status > {OUTPUT}; grep -c " /proc/" /proc/self/mounts >> {OUTPUT}; readlink /proc/self/ns/uts >> {OUTPUT}; : {ROOTFS}')
    ok scan -q "${see[@]}" --sbom-output "$OUT/plain" "$CONTEXT"
    ok scan -q "${see[@]}" --sbom-output "$OUT/given" --cap-add all --uts host --security-opt seccomp=unconfined \
        --security-opt unmask=ALL "$CONTEXT"
    [ "$(sed '$d' "$OUT/plain")" = "$(sed '$d' "$OUT/given")" ]
    [ "$(tail -n 1 "$OUT/given")" != "$(readlink /proc/self/ns/uts)" ]
    # what takes rights away holds for it, too
    ok scan -q --security-opt no-new-privileges --security-opt mask=/etc/passwd \
        --sbom-scanner-command '{ grep NoNewPrivs /proc/self/status; wc -c < /etc/passwd; } > {OUTPUT}; : {ROOTFS}' \
        --sbom-output "$OUT/seen" "$CONTEXT"
    [ "$(cat "$OUT/seen")" = $'NoNewPrivs:\t1\n0' ]
}

@test 'a scan that is interrupted leaves nothing' {
    "$CUBBY" --root "$STORE" build --sbom-scanner-image scanner:1 \
        --sbom-scanner-command 'echo begun; sleep 1000; : {ROOTFS} {OUTPUT}' --sbom-output "$OUT/x" -t cut:1 "$CONTEXT" \
        2> "$OUT/err" 3>&- &
    local pid=$!
    wait_for 20 grep -q '^begun' "$OUT/err"
    kill -INT "$pid"
    local status=0
    wait "$pid" || status=$?
    [ "$status" = 130 ]
    ok cubby ps -aq
    out_is ''
    [ -z "$(ls "$STORE/containers")" ]
    [ -z "$(find "$STORE/tmp" -mindepth 2)" ]
    fails 1 cubby image exists cut:1
    [ ! -e "$OUT/x" ]
}
