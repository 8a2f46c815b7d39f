#!/usr/bin/env bash
# Installs the agent programs that AGENTS names, at the versions that docs/agents.md was measured with. One that is there stays.
set -euo pipefail

package_of() {
  case $1 in
    claude) echo @anthropic-ai/claude-code@2.1.330 ;;
    codex) echo @openai/codex@0.169.0 ;;
    gemini) echo @google/gemini-cli@0.61.0 ;;
    copilot) echo @github/copilot@1.0.102 ;;
  esac
}

for agent in ${AGENTS:-}; do
  case $agent in
    claude | codex | gemini | copilot)
      command -v "$agent" >/dev/null || npm install --global --prefer-offline --no-audit --no-fund "$(package_of "$agent")"
      ;;
    opencode)
      # Nobody can be asked here: the Action says it in the check as well.
      echo '::warning::opencode is not installed: it runs plugins of the checkout before anything else. Choose another agent in .github/orchestrate.yml.'
      ;;
    command | scripted) ;;
    *)
      echo "::warning::There is no agent called $agent to install. docs/agents.md of Orchestrate names them."
      ;;
  esac
done
