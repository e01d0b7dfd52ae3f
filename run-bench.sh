#!/bin/sh
# The one entry: builds what is not built yet, in Release, then hands everything over to the harness.
#
#   ./run-bench.sh            the headline claim on this machine
#   ./run-bench.sh test       the tests
#   ./run-bench.sh --help     everything else
#
# Works from any directory, as root or not. Results go to standard output; what this script itself has to say goes to
# standard error. Exit code 5: no SDK, or the build failed; everything else is the harness's own (see --help).
set -eu

self=$(readlink -f -- "$0" 2>/dev/null) || self=$0
root=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P)
artifacts=$root/artifacts
harness=$artifacts/bin/Harness.Cli/release/harness
engine=$artifacts/bin/Engine.Server/release/engine
environment_failed=5

say() {
    printf '%s\n' "$*" >&2
}

# The tests need every project; everything else needs the harness and the engine only.
whole=no
for word in "$@"; do
    case $word in
        -*) ;;
        test) whole=yes; break ;;
        *) break ;;
    esac
done

# True when sources changed after what the given stamp stands for. Folders count too: their time tells of deletions.
# results/ itself and results/runs/ change with every run and are no sources.
is_stale() {
    [ -f "$1" ] && [ -x "$harness" ] && [ -x "$engine" ] || return 0
    changed=$(
        cd "$root" || exit
        {
            find engine harness reports -newer "$1" -print
            find results -mindepth 1 -path results/runs -prune -o -path results/reference -prune -o -newer "$1" -print
            find . -maxdepth 1 -type f \( -name '*.props' -o -name '*.targets' -o -name '*.slnf' -o -name '*.sln' \
                -o -name global.json -o -name .editorconfig -o -name 'nuget.config' \) -newer "$1" -print
        } 2>/dev/null | head -n 1
    )
    [ -n "$changed" ]
}

needs_build() {
    # A build of everything is a build of the harness too.
    if is_stale "$artifacts/.built-all"; then
        [ "$whole" = yes ] || is_stale "$artifacts/.built-bench"
    else
        return 1
    fi
}

# Prints the folder of a dotnet that has an SDK which global.json accepts.
folder_of() {
    [ -n "$1" ] && [ -x "$1" ] || return 1
    # In the repository's folder, where global.json decides.
    (cd "$root" && "$1" --version) >/dev/null 2>&1 || return 1
    # The command may be a link or a wrapper; the list of SDKs tells where the runtime really lies.
    (cd "$root" && "$1" --list-sdks) 2>/dev/null | sed -n 's|^[^[]*\[\(.*\)/sdk\]$|\1|p' | tail -n 1
}

find_dotnet() {
    for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$root/.dotnet/dotnet"; do
        folder=$(folder_of "$candidate") || continue
        if [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
    return 1
}

download() {
    if command -v curl >/dev/null 2>&1; then
        curl -fsSL --retry 2 --connect-timeout 15 -o "$2" "$1"
    elif command -v wget >/dev/null 2>&1; then
        wget -q --tries=2 --connect-timeout=15 -O "$2" "$1"
    else
        say "neither curl nor wget is there to download it with"
        return 1
    fi
}

# Microsoft's own script, into this repository's folder only: nothing else on the machine is touched.
install_sdk() {
    say "no .NET SDK that global.json accepts: installing Microsoft's into $root/.dotnet"
    command -v bash >/dev/null 2>&1 || { say "the install script needs bash"; return 1; }
    script=$artifacts/dotnet-install.sh
    download https://dot.net/v1/dotnet-install.sh "$script" >&2 || return 1
    bash "$script" --jsonfile "$root/global.json" --install-dir "$root/.dotnet" --no-path >&2
}

explain_sdk() {
    say "The .NET 10 SDK is needed and could not be installed from here. Install it with one of:
  Debian:  curl -fsSLO https://packages.microsoft.com/config/debian/\$(. /etc/os-release; echo \$VERSION_ID)/packages-microsoft-prod.deb && sudo dpkg -i packages-microsoft-prod.deb && sudo apt-get update && sudo apt-get install -y dotnet-sdk-10.0
  Ubuntu:  sudo apt-get update && sudo apt-get install -y dotnet-sdk-10.0
  Fedora:  sudo dnf install -y dotnet-sdk-10.0
and run this again."
}

# Nothing that the build starts may live on beside a measurement; nor may it hold the lock.
build() {
    if [ "$whole" = yes ]; then
        what=Harness.sln stamp=$artifacts/.built-all analyzers=true
    else
        # Who only wants to measure need not wait for the analyzers; the tests' build, and so CI, has them.
        what=Bench.slnf stamp=$artifacts/.built-bench analyzers=false
    fi
    say "building $what ..."

    # A build needs a home for its packages, and some accounts of services and containers have none.
    if [ ! -w "${HOME:-/nonexistent}" ]; then
        HOME=$artifacts/home
        mkdir -p "$HOME"
        export HOME
    fi

    # Taken before the build, so that a source changed during it counts as changed after it.
    : >"$artifacts/.building"
    if ! (
        cd "$root" &&
            DOTNET_ROOT=$dotnet_root DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 \
                DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 \
                "$dotnet_root/dotnet" build "$what" -c Release -v quiet -nologo -nodeReuse:false -p:UseSharedCompilation=false \
                -p:RunAnalyzers=$analyzers
    ) >"$artifacts/build.log" 2>&1 9>&-; then
        grep -E '(error|warning) [A-Z]+[0-9]+' "$artifacts/build.log" | sort -u | head -n 20 >&2 || true
        say "the build failed; all of its output: $artifacts/build.log"
        exit "$environment_failed"
    fi
    printf '%s\n' "$dotnet_root" >"$artifacts/.dotnet-root"
    mv -f "$artifacts/.building" "$stamp"
}

dotnet_root=
if needs_build; then
    mkdir -p "$artifacts" 2>/dev/null || true
    if [ ! -w "$artifacts" ]; then
        say "cannot write to $artifacts, and there is something to build"
        exit "$environment_failed"
    fi
    # Two at once would write the same files. Where there is no flock, whoever starts two has to know.
    exec 9>"$artifacts/.build.lock"
    if command -v flock >/dev/null 2>&1; then
        flock -n 9 || { say "waiting for another build ..."; flock 9; }
    fi
    if needs_build; then
        dotnet_root=$(find_dotnet) || {
            if ! install_sdk || ! dotnet_root=$(find_dotnet); then
                explain_sdk
                exit "$environment_failed"
            fi
        }
        build
    fi
    exec 9>&-
fi

# The programs find the runtime by this variable; where it is, the build has noted.
if [ -z "$dotnet_root" ] && [ -r "$artifacts/.dotnet-root" ]; then
    read -r dotnet_root <"$artifacts/.dotnet-root" || true
fi
if [ ! -x "$dotnet_root/dotnet" ]; then
    dotnet_root=$(find_dotnet) || { explain_sdk; exit "$environment_failed"; }
fi
DOTNET_ROOT=$dotnet_root
export DOTNET_ROOT
exec "$harness" "$@"
