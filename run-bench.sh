#!/bin/sh
# The one entry: finds the .NET SDK that global.json asks for, builds in Release what changed since the last build, and
# becomes the harness. Everything on the command line is the harness's: see ./run-bench.sh --help
#
# When nothing is to be built no .NET program but the harness is started, because each costs a noticeable moment. What
# the last build knew is kept for that in artifacts/run-bench:
#   sdk         the SDK it used, one value a line: dotnet, its version, its root, and the dotnet on PATH then
#   main.stamp  made when the build of Bench.slnf began, moved there when it had succeeded; all.stamp for Harness.sln
#   build.log   what the last build printed
#
# Exit codes of its own: 5 when there is no SDK or the build fails. All others are the harness's.
set -u

environment_failed=5
here=$(dirname -- "$(readlink -f -- "$0")") || exit "$environment_failed"
state=$here/artifacts/run-bench
harness=$here/artifacts/bin/Harness.Cli/release/harness
engine=$here/artifacts/bin/Engine.Server/release/engine

say() { printf '%s\n' "run-bench.sh: $*" >&2; }
fail() { say "$*"; exit "$environment_failed"; }

# --- what is to be built ----------------------------------------------------------------------------------------------

# The tests need all projects, every other verb only the programs that run.
choose_build() {
    solution=Bench.slnf
    stamp=$state/main.stamp
    for argument; do
        case $argument in
            -*) ;;
            test) solution=Harness.sln stamp=$state/all.stamp; return ;;
            *) return ;;
        esac
    done
}

# Folders count as files do, so that a deleted source is noticed too. results/ itself is not looked at: runs are put there.
sources_changed_since() {
    (
        cd "$here" || exit
        find engine harness reports results/Results* ./*.props ./*.targets ./*.sln ./*.slnf global.json .editorconfig \
            -newer "$1" 2>/dev/null | head -n 1 | grep -q .
    )
}

up_to_date() {
    [ -x "$harness" ] && [ -x "$engine" ] && [ -f "$stamp" ] && recall_sdk && ! sources_changed_since "$stamp"
}

# --- the SDK ----------------------------------------------------------------------------------------------------------

# The remembered SDK stands while its files do, and nothing was installed beside it or put before it.
recall_sdk() {
    [ -f "$state/sdk" ] || return 1
    {
        IFS= read -r dotnet
        IFS= read -r sdk_version
        IFS= read -r dotnet_root
        IFS= read -r dotnet_on_path
    } <"$state/sdk"
    [ "$(command -v dotnet || echo "$dotnet_on_path")" = "$dotnet_on_path" ] &&
        [ -x "$dotnet" ] && [ -d "$dotnet_root/sdk/$sdk_version" ] &&
        [ -z "$(find "$dotnet_root/sdk" -prune -newer "$state/sdk" 2>/dev/null)" ]
}

# The root is asked for, not taken from where a link leads: a packaged dotnet may be a script that starts another.
satisfies_global_json() {
    [ -x "$1" ] || return 1
    sdk_version=$(cd "$here" && "$1" --version 2>/dev/null) || return 1
    dotnet_root=$("$1" --list-sdks 2>/dev/null | sed -n "s|^$sdk_version \\[\\(.*\\)/sdk\\]\$|\\1|p" | head -n 1)
    [ -d "$dotnet_root" ] || return 1
    dotnet=$1
}

find_sdk() {
    for candidate in "$(command -v dotnet)" "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$here/.dotnet/dotnet"; do
        [ -n "$candidate" ] && satisfies_global_json "$candidate" && return
    done
    install_sdk && satisfies_global_json "$here/.dotnet/dotnet"
}

remember_sdk() {
    printf '%s\n' "$dotnet" "$sdk_version" "$dotnet_root" "$(command -v dotnet)" >"$state/sdk.new" &&
        mv -f "$state/sdk.new" "$state/sdk"
}

download() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --connect-timeout 15 --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget --quiet --timeout=15 --tries=2 --output-document="$2" "$1"
    else
        echo "neither curl nor wget is installed" >&2
        return 1
    fi
}

# Installed beside its place and moved there whole: half an SDK would be taken for one.
install_sdk() {
    script_url=https://dot.net/v1/dotnet-install.sh
    say "no .NET SDK that satisfies global.json; installing Microsoft's into .dotnet/ (about 250 MB to download)…"
    rm -rf "$state/dotnet"
    if cause=$(download "$script_url" "$state/dotnet-install.sh" 2>&1); then
        cause="its output is in artifacts/run-bench/install.log"
        if bash "$state/dotnet-install.sh" --jsonfile "$here/global.json" --install-dir "$state/dotnet" >"$state/install.log" 2>&1; then
            rm -rf "$here/.dotnet" && mv "$state/dotnet" "$here/.dotnet" && return
        fi
    fi
    say "installing from $script_url failed: $(printf '%s\n' "$cause" | tail -n 1)"
    explain_how_to_install >&2
    exit "$environment_failed"
}

explain_how_to_install() {
    cat <<'END'
Install the .NET 10 SDK, then start this again.

Debian 12 and 13:
  . /etc/os-release
  wget "https://packages.microsoft.com/config/debian/$VERSION_ID/packages-microsoft-prod.deb" -O /tmp/packages-microsoft-prod.deb
  sudo dpkg -i /tmp/packages-microsoft-prod.deb
  sudo apt-get update && sudo apt-get install -y dotnet-sdk-10.0

Ubuntu (before 24.04 first: sudo add-apt-repository -y ppa:dotnet/backports):
  sudo apt-get update && sudo apt-get install -y dotnet-sdk-10.0

Fedora:
  sudo dnf install -y dotnet-sdk-10.0

An SDK that lies elsewhere is found through PATH or DOTNET_ROOT.
END
}

# --- the build --------------------------------------------------------------------------------------------------------

# One build at a time: two would write the same files. The second finds that nothing is left to do.
build_if_needed() {
    up_to_date && return
    [ -f "$here/Harness.sln" ] || fail "$here is not the repository: it has no Harness.sln"
    mkdir -p "$state" 2>/dev/null
    (: >>"$state/lock") 2>/dev/null || fail "something is to be built, and $state is not writable for $(id -un)"
    exec 9>>"$state/lock"
    if command -v flock >/dev/null && ! flock --nonblock 9; then
        say "waiting for another build of this folder…"
        flock 9
    fi
    up_to_date || build
    exec 9>&-
}

build() {
    prepare_environment
    find_sdk || fail "the SDK installed in .dotnet/ does not satisfy global.json"
    say "building (first run or sources changed)…"
    : >"$state/stamp.new" || exit "$environment_failed"
    compile || report_failure
    remember_sdk || exit "$environment_failed"
    [ "$solution" = Bench.slnf ] || cp -p "$state/stamp.new" "$state/main.stamp"
    mv -f "$state/stamp.new" "$stamp" || exit "$environment_failed"
}

prepare_environment() {
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
    # Nothing here depends on a culture, and machines without ICU should not need it.
    export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
    # The SDK and NuGet keep files at home; a service account may have none.
    if [ ! -w "${HOME:-/nonexistent}" ]; then
        export HOME="$state/home"
        mkdir -p "$HOME"
    fi
}

# What makes it fast: one compiler process for all projects (half of the CPU time), no profiling of code that runs for
# seconds, and the analyzers only where their findings are asked for: in CI (which begins with no outputs: one that is up
# to date is not analysed again). The compiler is under a name of its own, so that it can be ended afterwards without
# ending anybody else's: it would stay for ten minutes in the memory of a machine that is about to be measured.
compile() {
    compiler=harness-$$
    trap 'end_compiler; exit 130' INT
    trap 'end_compiler; exit 143' TERM
    analysis=false
    [ "${CI:-false}" = false ] || analysis=true
    (
        cd "$here" &&
            DOTNET_TieredPGO=0 "$dotnet" build "$solution" --configuration Release --verbosity quiet -nologo -tl:off \
                -clp:NoSummary -nodeReuse:false -p:UseSharedCompilation=true "-p:SharedCompilationId=$compiler" \
                -p:RunAnalyzersDuringBuild="$analysis"
    ) >"$state/build.log" 2>&1 </dev/null 9>&-
    compiled=$?
    end_compiler
    trap - INT TERM
    return "$compiled"
}

end_compiler() {
    server=$dotnet_root/sdk/$sdk_version/Roslyn/bincore/VBCSCompiler
    [ ! -x "$server" ] || DOTNET_ROOT=$dotnet_root "$server" -shutdown "-pipename:$compiler" >/dev/null 2>&1 9>&-
}

report_failure() {
    # Errors alone, each once; a build that says nothing of that kind is shown as it is.
    grep -E '(^|[ :])error [A-Z]+[0-9]+' "$state/build.log" | sort -u | grep . >&2 || tail -n 60 "$state/build.log" >&2
    fail "the build failed; all of its output is in $state/build.log"
}

# --- the harness ------------------------------------------------------------------------------------------------------

choose_build "$@"
build_if_needed
# The programs find the runtime by this variable; the one with the processor's name would win over it.
unset DOTNET_ROOT_X64
export DOTNET_ROOT="$dotnet_root"
exec "$harness" "$@"
