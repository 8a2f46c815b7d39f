# What a phase of two specs costs without an orchestrator: the same agent processes with the same parallelism, and the bare
# git work around them. No gate, no record, no resume.
# usage: sh baseline.sh REPOSITORY SCRATCH AGENT_COMMAND BUILD TEST SPEC1 SPEC2
set -e
repository=$1 scratch=$2 agent=$3 build=$4 test=$5 one=$6 two=$7
cd "$repository"

work() { # DIRECTORY STEP UNIT
  cd "$1"
  ORCHESTRATE_STEP=$2 ORCHESTRATE_PHASE=1 ORCHESTRATE_UNIT=$3 ORCHESTRATE_NONCE=none \
    ORCHESTRATE_ARTIFACT="$scratch/$2.$3.json" sh -c "$agent" </dev/null
}
implement() { # SPEC
  work "$scratch/$1" implement "$1"
  git add --all
  git commit --quiet --message "Implement $1"
}

git worktree add --quiet -b "$one" "$scratch/$one"
git worktree add --quiet -b "$two" "$scratch/$two"
implement "$one" & first=$!
implement "$two" & second=$!
wait $first
wait $second

cd "$scratch/$one"
git merge --quiet --no-edit "$two"
sh -c "$build"
sh -c "$test"
(work . review-test '') & first=$!
(work . review-code '') & second=$!
(work . review-perf '') & third=$!
wait $first
wait $second
wait $third

cd "$repository"
git merge --quiet --no-ff --message "Merge phase 1" "$one"
git worktree remove "$scratch/$one"
git worktree remove "$scratch/$two"
git branch --quiet -D "$one" "$two"
