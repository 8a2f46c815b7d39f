# Runs one check after the other, all of them, and counts. Sourced by .ci/run and .ci/nightly.
passed=0
failed=0
names=''

check() {
  local name=$1 began=$SECONDS
  shift
  printf '\n=== %s\n' "$name"
  if "$@" </dev/null; then
    passed=$((passed + 1))
    printf -- '--- %s: passed (%s s)\n' "$name" $((SECONDS - began))
  else
    failed=$((failed + 1))
    names="$names  $name"
    printf -- '--- %s: FAILED (%s s)\n' "$name" $((SECONDS - began))
  fi
}

finish() {
  [ -n "$names" ] && printf '\nfailed:%s\n' "$names"
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
