#!/usr/bin/env bash
# What agents, builds and tests are held by, from Ubuntu's packages and npm. Where the kernel lets no program make user namespaces
# (Ubuntu 24.04), bubblewrap alone gets a profile that lets it; the switch for all programs stays as it is. Where that does not help
# this only warns: the Action stops then, and says why where people look.
set -uo pipefail

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

missing=()
for pair in bwrap:bubblewrap socat:socat rg:ripgrep; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if [ ${#missing[@]} -gt 0 ] && [ "${UNCAGED:-}" != accept ]; then
  as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
    echo "::warning::These packages could not be installed: ${missing[*]}"
fi

holds() { bwrap --unshare-user --unshare-pid --unshare-net --ro-bind / / --dev /dev --proc /proc true; }
if ! holds 2>/dev/null && command -v apparmor_parser >/dev/null; then
  printf '%s\n' 'abi <abi/4.0>,' 'include <tunables/global>' \
    'profile bwrap /usr/bin/bwrap flags=(unconfined) {' '  userns,' '}' |
    as_root tee "${APPARMOR_DIR:-/etc/apparmor.d}/bwrap" >/dev/null
  as_root apparmor_parser -r "${APPARMOR_DIR:-/etc/apparmor.d}/bwrap"
fi
holds || echo '::warning::This runner cannot hold agents: bubblewrap is refused. docs/security.md of Orchestrate says what to do.'

runtime=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/orchestrate-cage-0.0.83
if [ ! -d "$runtime/node_modules/@anthropic-ai/sandbox-runtime" ]; then
  npm install --prefix "$runtime" --ignore-scripts --no-audit --no-fund @anthropic-ai/sandbox-runtime@0.0.83 ||
    echo '::warning::@anthropic-ai/sandbox-runtime could not be installed from npm: without it no cage can be made.'
fi
echo "runtime=$runtime" >>"$GITHUB_OUTPUT"
