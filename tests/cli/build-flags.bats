# SPDX-License-Identifier: LGPL-2.1-or-later
# build-flags - options of build that change the image, or how its steps are run

load ../lib/context

# cached: how many steps the last build took from the cache
cached() { grep -c '\] cached$' <<< "$stderr"; }

# manifest: of the image i:1, as it lies in the store
manifest() {
    ok cubby image inspect --format '{{.Digest}}' i:1
    ok cat "$STORE/blobs/sha256/${output#sha256:}"
}

# field FORMAT: of the image i:1
field() {
    ok cubby image inspect --format "$1" i:1
    # shellcheck disable=SC2154
    echo "$output"
}

@test 'labels and variables are set, and left out' {
    dockerfile <<'EOF'
FROM bb:1
LABEL a=1 b=2
ENV KEEP=1 DROP=1
EOF
    ok cubby build -q -t base:1 "$CONTEXT"
    printf 'FROM base:1\nLABEL c=3\n' > "$CONTEXT/Dockerfile"
    CUBBY_ENV=(GIVEN=there)
    ok cubby build -q -t i:1 --unsetlabel a --unsetenv DROP --env NEW=x --env GIVEN --label d=4 "$CONTEXT"
    [ "$(field '{{json .Config.Labels}}')" = '{"b":"2","c":"3","d":"4"}' ]
    [[ $(field '{{.Config.Env}}') == *"KEEP=1 NEW=x GIVEN=there]" ]]
    ok cubby build -q -t i:1 --inherit-labels=false "$CONTEXT"
    [ "$(field '{{json .Config.Labels}}')" = '{"c":"3"}' ]
}

@test 'variables come from a file, and the command line wins' {
    printf '# comment\nA=file\nB=file\n' > "$BATS_TEST_TMPDIR/args"
    dockerfile <<'EOF'
FROM bb:1
ARG A
ARG B
RUN echo "$A $B" > /out
EOF
    ok cubby build -q -t i:1 --build-arg-file "$BATS_TEST_TMPDIR/args" --build-arg B=line "$CONTEXT"
    ok cubby run --rm i:1 cat /out
    out_is 'file line'
    fails 125 cubby build --build-arg-file /nowhere "$CONTEXT"
    err_has /nowhere
}

@test 'documents have the form that is asked for' {
    dockerfile <<< 'FROM bb:1'
    ok cubby build -q -t i:1 --format docker "$CONTEXT"
    manifest
    out_has application/vnd.docker.distribution.manifest.v2+json
    ok cubby build -q -t i:1 --format oci --annotation k=v --created-annotation "$CONTEXT"
    manifest
    out_has application/vnd.oci.image.manifest.v1+json
    out_has '"k":"v"'
    out_has org.opencontainers.image.created
    ok cubby build -q -t i:1 --unsetannotation k --inherit-annotations=false --identity-label=false "$CONTEXT"
    manifest
    out_lacks annotations
    fails 125 cubby build --format zip "$CONTEXT"
    err_has "neither 'oci' nor 'docker'"
    fails 125 cubby build --identity-label "$CONTEXT"
    fails 125 cubby build --inherit-annotations "$CONTEXT"
}

@test 'an image is of the time that is given, and so are its files' {
    echo x > "$CONTEXT/a"
    dockerfile <<'EOF'
FROM bb:1
COPY a /a
RUN touch -d @2000000000 /old /new && touch -d @500 /old
EOF
    ok cubby build -q -t i:1 --timestamp 1000 "$CONTEXT"
    [[ $(field '{{.Created}}') == *1970-01-01*00:16:40* ]]
    ok cubby run --rm i:1 stat -c %Y /a /old /new
    out_is $'1000\n1000\n1000'
    ok cubby build -q -t i:1 --source-date-epoch 1000 "$CONTEXT"
    id=$output
    ok cubby run --rm i:1 stat -c %Y /old /new
    out_is $'500\n1000'
    ok cubby build --no-cache -q -t i:1 --build-arg SOURCE_DATE_EPOCH=1000 "$CONTEXT"
    out_is "$id"
    CUBBY_ENV=(SOURCE_DATE_EPOCH=1000)
    ok cubby build --no-cache -q -t i:1 "$CONTEXT"
    out_is "$id"
    ok cubby build -q -t i:1 --rewrite-timestamp=false "$CONTEXT"
    ok cubby run --rm i:1 stat -c %Y /new
    out_is 2000000000
    # the epoch is a time as any other
    for zero in --timestamp --source-date-epoch; do
        ok cubby build --no-cache -q -t i:1 "$zero" 0 "$CONTEXT"
        [[ $(field '{{.Created}}') == *1970-01-01*00:00:00* ]]
        ok cubby image inspect i:1
        out_has '"created": "1970-01-01T00:00:00Z"'
        out_lacks '"created": "0001'
    done
    fails 125 cubby build --timestamp 1 --source-date-epoch 1 "$CONTEXT"
    fails 125 cubby build --timestamp tomorrow "$CONTEXT"
    err_has tomorrow
}

@test 'how the image was made can be left out' {
    printf 'FROM bb:1\nRUN echo secret > /x\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t i:1 --omit-history "$CONTEXT"
    ok cubby image history --no-trunc i:1
    out_lacks secret
}

@test 'what is added becomes one layer, or all does' {
    dockerfile <<'EOF'
FROM bb:1
RUN echo 1 > /1 && echo x > /gone && rm -rf /home
RUN rm /gone && echo 2 > /2 && mkdir /d
ENV A=b
RUN echo 3 > /d/3
EOF
    ok cubby build -q -t i:1 "$CONTEXT"
    [ "$(field '{{len .RootFS.Layers}}')" = 4 ]
    for name in s l; do
        ok cubby build -q -t s:1 --squash "$CONTEXT"
        ok cubby build -q -t l:1 --layers=false "$CONTEXT"
        ok cubby tag "$name:1" i:1
        [ "$(field '{{len .RootFS.Layers}}')" = 2 ]
        ok cubby run --rm i:1 sh -c 'cat /1 /2 /d/3; ls -d /gone /home /proc/1 || true'
        out_is $'1\n2\n3\n/proc/1'
    done
    ok cubby image history -q i:1
    [ "${#lines[@]}" = 5 ]
    ok cubby build -q -t i:1 --squash-all "$CONTEXT"
    [ "$(field '{{len .RootFS.Layers}}')" = 1 ]
    ok cubby run --rm i:1 sh -c 'cat /1 /2 /d/3; ls -d /gone /home || true'
    out_is $'1\n2\n3'
    ok cubby build -q --layers -t i:1 "$CONTEXT"
    ok cubby ps -aq
    out_is ''
    ok cubby system check
}

@test 'another image takes the place of the first one' {
    printf 'FROM nowhere.example/none AS a\nRUN echo a > /a\nFROM a\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t i:1 --from bb:1 "$CONTEXT"
    ok cubby run --rm i:1 cat /a
    out_is a
}

@test 'stages that nobody needs are built when they shall be' {
    printf 'FROM bb:1\nRUN false\nFROM bb:1\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q "$CONTEXT"
    fails 1 cubby build -q --skip-unused-stages=false "$CONTEXT"
}

@test 'the cache is not asked for some stages, or for what is old' {
    printf 'FROM bb:1 AS One\nRUN echo 1 > /1\nFROM bb:1\nRUN echo 2 > /2\nCOPY --from=one /1 /1\n' \
        > "$CONTEXT/Dockerfile"
    ok cubby build "$CONTEXT"
    ok cubby build "$CONTEXT"
    [ "$(cached)" = 3 ]
    ok cubby build --no-cache-filter=One,other "$CONTEXT"
    [ "$(cached)" = 2 ]
    ok cubby build --cache-ttl 1000h "$CONTEXT"
    [ "$(cached)" = 3 ]
    ok cubby build --cache-ttl 1ns "$CONTEXT"
    [ "$(cached)" = 0 ]
    ok cubby build --cache-ttl 0 "$CONTEXT"
    [ "$(cached)" = 0 ]
}

@test 'images are pulled as the policy says' {
    dockerfile <<< 'FROM bb:1'
    ok cubby build -q --pull=never "$CONTEXT"
    ok cubby build -q --pull=false --retry 1 --retry-delay 1ms "$CONTEXT"
    fails 125 cubby build --pull --retry 0 "$CONTEXT"
    err_has bb:1
    fails 125 cubby build --pull=sometimes "$CONTEXT"
    err_has sometimes
}

@test 'the context leaves out what the file that is named says' {
    touch "$CONTEXT/a" "$CONTEXT/b"
    echo a > "$CONTEXT/.dockerignore"
    echo b > "$BATS_TEST_TMPDIR/ignore"
    printf 'FROM bb:1\nCOPY [ab] /d/\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t i:1 --ignorefile "$BATS_TEST_TMPDIR/ignore" "$CONTEXT"
    ok cubby run --rm i:1 ls /d
    out_is a
    fails 125 cubby build --ignorefile /nowhere "$CONTEXT"
}

@test 'steps run as the options say, and are known by them' {
    mkdir "$BATS_TEST_TMPDIR/v"
    echo of-the-host > "$BATS_TEST_TMPDIR/v/f"
    dockerfile <<'EOF'
FROM bb:1
RUN cat /v/f; grep -c given /etc/hosts; ulimit -n; df -k /dev/shm | tail -1 | awk '{print $2}'; \
    grep CapEff /proc/self/status; cat /etc/resolv.conf; ls /sys/class/net
EOF
    ok cubby build -t i:1 --network none -v "$BATS_TEST_TMPDIR/v:/v:ro" --add-host given:1.2.3.4 \
        --ulimit nofile=99:99 --shm-size 1m --cap-drop all --cap-add chown --dns 9.9.9.9 \
        --dns-search x.example --dns-option ndots:3 "$CONTEXT"
    for text in of-the-host $'\n1\n' $'\n99\n' $'\n1024\n' 0000000000000001 9.9.9.9 x.example ndots:3; do
        err_has "$text"
    done
    err_lacks tap0
    ok cubby run --rm i:1 sh -c 'ls -d /v || echo none'
    out_is none
    ok cubby build -t i:1 --net none -v "$BATS_TEST_TMPDIR/v:/v:ro" "$CONTEXT"
    [ "$(cached)" = 0 ]
    ok cubby build -t i:1 --net none -v "$BATS_TEST_TMPDIR/v:/v:ro" "$CONTEXT"
    [ "$(cached)" = 1 ]
    fails 125 cubby build -v /data "$CONTEXT"
    err_has 'without a source'
}

@test 'more options of how steps run' {
    mkdir "$BATS_TEST_TMPDIR/v"
    echo of-the-host > "$BATS_TEST_TMPDIR/v/f"
    dockerfile <<'EOF'
FROM bb:1
RUN cat /v/f; grep NoNewPrivs /proc/self/status; readlink /proc/self/ns/uts; echo "proxy=$http_proxy"; id -G; ls /dev/fuse
EOF
    CUBBY_ENV=(http_proxy=http://proxy.example)
    ok cubby build --mount "type=bind,src=$BATS_TEST_TMPDIR/v,target=/v" --no-hosts --no-hostname \
        --security-opt no-new-privileges --uts host --pid host --ipc host --cgroupns private \
        --group-add 77 --device /dev/fuse --http-proxy --network none \
        --userns host --isolation rootless --runtime crun "$CONTEXT"
    err_has of-the-host
    err_matches 'NoNewPrivs:.*1'
    err_has "$(readlink /proc/self/ns/uts)"
    err_has proxy=http://proxy.example
    ! has_ranges || err_has 77
    err_has $'\n/dev/fuse'
    ok cubby build --http-proxy=false --network none -v "$BATS_TEST_TMPDIR/v:/v" --device /dev/fuse \
        --pid container --no-cache "$CONTEXT"
    err_lacks proxy=http
    for bad in --userns=keep-id --isolation=chroot --runtime=kata --pid=container:x; do
        fails 125 cubby build "$bad" "$CONTEXT"
        err_has "${bad%%=*}"
    done
}

@test '--runtime-flag: what the runtime has to say of steps goes where it is told to' {
    local log=$BATS_TEST_TMPDIR/log
    dockerfile <<< $'FROM bb:1\nRUN exit 7'
    fails 7 cubby build --network none --runtime-flag log="$log" --runtime-flag log-format=json \
        "$CONTEXT"
    jq -es '.[-1] | .level == "error" and (.msg | contains("ended with status 7"))' "$log"
    fails 125 cubby build --runtime-flag no-pivot "$CONTEXT"
    err_has "'no-pivot' is not there"
}

@test 'options of how steps run are looked at where no step runs, before anything is built' {
    dockerfile <<< 'FROM scratch'
    while IFS='|' read -r bad word; do
        fails 125 cubby build -t never:1 "$bad" "$CONTEXT"
        err_has "$word"
    done <<'EOF'
--ulimit=nofile=many|--ulimit: 'nofile=many'
--ulimit=files=1|--ulimit: 'files=1'
--cap-add=fly|--cap-add: there is no capability 'fly'
--cap-drop=fly|--cap-drop: there is no capability 'fly'
--security-opt=trust-me|--security-opt: 'trust-me'
--security-opt=seccomp=/nowhere|seccomp profile '/nowhere'
--shm-size=none|--shm-size: 'none'
--device=fuse|'fuse' is no device
--device=/dev/nowhere|device '/dev/nowhere'
--volume=/nowhere:/v|'/nowhere'
--volume=/tmp:relative|relative
--mount=type=sponge,target=/x|sponge
--memory=much|--memory
--cpu-shares=1|--cpu-shares
--cpu-quota=1|--cpu-quota
--cpuset-cpus=x|--cpuset-cpus
--network=nowhere|nowhere
--add-host=x|invalid host entry 'x'
--dns=x|'x'
EOF
    echo '{' > "$BATS_TEST_TMPDIR/profile"
    fails 125 cubby build -t never:1 --security-opt "seccomp=$BATS_TEST_TMPDIR/profile" "$CONTEXT"
    err_has "seccomp profile '$BATS_TEST_TMPDIR/profile'"
    fails 1 cubby image exists never:1
    ok cubby volume ls -q
    out_is ''
}

@test 'what is wrong with a RUN is told before anything is built' {
    while IFS='|' read -r bad word; do
        printf 'FROM bb:1 AS unused\nRUN --network=x true\nFROM bb:1 AS a\nRUN echo did-run\n' > "$CONTEXT/Dockerfile"
        printf 'FROM bb:1\nARG V\nRUN %s true\nCOPY --from=a / /\n' "$bad" >> "$CONTEXT/Dockerfile"
        fails 125 cubby build --no-cache "$CONTEXT"
        err_has "Dockerfile:7: "
        err_has "$word"
        err_lacks did-run
    done <<'EOF'
--network=nowhere|RUN --network is default, none or host, not 'nowhere'
--security=none|RUN --security is sandbox or insecure, not 'none'
--security=insecure|--allow security.insecure
--mount=type=sponge,target=/x|sponge
--mount=type=tmpfs|needs a 'target'
--mount=type=tmpfs,target=$V,size=much|'size'
--mount=type=tmpfs,target=$V,id=x|has no option 'id'
--mount=type=$V,tarket=x|did you mean 'target'
--mount=type=secret,id=none,required|secret 'none' is required
--mount=type=ssh,required|agent 'default' is required
--mout=type=tmpfs|did you mean --mount
EOF
    printf 'FROM bb:1\nARG V=/v\nRUN --mount=type=tmpfs,target=$V,size=${V#/v}1m df $V\n' > "$CONTEXT/Dockerfile"
    ok cubby build --no-cache "$CONTEXT"
}

# config: of the image i:1, as it lies in the store
config() {
    ok cubby image inspect --format '{{.Id}}' i:1
    ok cat "$STORE/blobs/sha256/${output#sha256:}"
}

@test 'version and features of the system are said, kept by what is built upon it, and taken away' {
    dockerfile <<< 'FROM bb:1'
    ok cubby build -q -t base:1 --os-version 10.0.1 --os-feature win32k --os-feature b --os-feature win32k "$CONTEXT"
    printf 'FROM base:1\nLABEL a=1\n' > "$CONTEXT/Dockerfile"
    ok cubby build -q -t i:1 "$CONTEXT"
    config
    out_has '"os.version":"10.0.1","os.features":["win32k","b"]'
    [ "$(field '{{.OsVersion}}')" = 10.0.1 ]
    ok cubby build -q -t i:1 --os-version 11 --os-feature win32k- --os-feature c "$CONTEXT"
    config
    out_has '"os.version":"11","os.features":["b","c"]'
    ok cubby build -q -t i:1 --os-feature - --manifest sys:1 "$CONTEXT"
    config
    out_lacks os.features
    ok cubby build -q --os-version 7 --os-feature d --manifest sys:1 "$CONTEXT"
    ok cubby manifest inspect sys:1
    [[ ${output//[$' \t\n']/} = *'"os.version":"10.0.1"'*'"os.version":"7"'*'"os.features":["win32k","b","d"]'* ]]
    ok cubby rmi i:1 base:1 sys:1
}

@test 'what is so anyway is taken, and what is not there is refused' {
    dockerfile <<< 'FROM bb:1'
    ok cubby build -q --rm --force-rm --compress --disable-compression -D --disable-content-trust \
        --provenance=false --sbom=false "$CONTEXT"
    for bad in --provenance=true --sbom=true; do
        fails 125 cubby build "$bad" "$CONTEXT"
        err_has "only 'false'"
    done
    for bad in --attest=x --sign-by=x --cw=x \
        --decryption-key=x --builder=x; do
        fails 125 cubby build "$bad" "$CONTEXT"
        err_has "${bad%%=*}"
    done
}

@test 'files tell which image was made' {
    dockerfile <<< 'FROM bb:1'
    ok cubby build -q -t i:1 -t i:2 --iidfile "$BATS_TEST_TMPDIR/id" --iidfile-raw "$BATS_TEST_TMPDIR/raw" \
        --metadata-file "$BATS_TEST_TMPDIR/json" "$CONTEXT"
    [ "$(cat "$BATS_TEST_TMPDIR/id")" = "sha256:$output" ]
    [ "$(cat "$BATS_TEST_TMPDIR/raw")" = "$output" ]
    grep -q "\"containerimage.config.digest\": *\"sha256:$output\"" "$BATS_TEST_TMPDIR/json"
    grep -q '"image.name": *"localhost/i:1,localhost/i:2"' "$BATS_TEST_TMPDIR/json"
    fails 125 cubby build -q --metadata-file /nowhere/x "$CONTEXT"
}

@test 'a file that is meant for cpp is not read as it is' {
    printf '#include "more"\nFROM bb:1\n' > "$CONTEXT/Dockerfile.in"
    fails 125 cubby build -f "$CONTEXT/Dockerfile.in" "$CONTEXT"
    err_has "Dockerfile.in' is not preprocessed: #include"
    err_has 'build -f -'
    printf '# included by nobody\nFROM bb:1\n' > "$CONTEXT/Dockerfile.in"
    ok cubby build -q -f "$CONTEXT/Dockerfile.in" "$CONTEXT"
}

@test 'several Dockerfiles are one, and each line is told with the file that it stands in' {
    printf 'FROM bb:1 AS tools\nRUN echo tool > /tool' > "$CONTEXT/one"
    printf '# more\nRUN cp /tool /tool2\nFROM bb:1\n' > "$CONTEXT/two"
    printf 'COPY --from=tools /tool2 /\nRUN cat /tool2\n' > "$CONTEXT/three"
    ok cubby build -q -t i:1 -f "$CONTEXT/one" -f "$CONTEXT/two" -f - "$CONTEXT" < "$CONTEXT/three"
    ok cubby run --rm i:1 cat /tool2
    out_is tool
    printf '\nRUN <<EOF\necho begun\nexit 4\nEOF\n' > "$CONTEXT/four"
    fails 4 cubby build -f one -f two -f four "$CONTEXT"
    err_has 'four:2: the command ended with status 4'
    err_has '   2 >>> RUN <<EOF'
    printf 'RUN true\nMAINTAINER me\nCOPPY a b\n' > "$CONTEXT/four"
    fails 125 cubby build -f one -f two -f four "$CONTEXT"
    err_has 'four:3: '
    printf 'RUN true\nMAINTAINER me\nCOPY missing /\n' > "$CONTEXT/four"
    fails 125 cubby build -f one -f two -f four "$CONTEXT"
    err_has 'warning: four:2: '
    err_has 'four:3: '
    printf '# escape=`\nRUN true\n' > "$CONTEXT/four"
    fails 125 cubby build -f one -f four "$CONTEXT"
    err_has "the escape is '\`'"
    fails 125 cubby build -f - -f - "$CONTEXT" < "$CONTEXT/one"
    err_has 'can be read once'
}
