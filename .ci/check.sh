# Runs checks, all of them, and counts. Sourced by .ci/run and .ci/nightly.
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

# Begins a check that may run beside others: one that waits for nothing and measures no time. Its output is kept until `joined`.
beside=()
begin() {
  local name=$1 kept
  shift
  kept=$(mktemp)
  (
    began=$SECONDS
    "$@" </dev/null >"$kept" 2>&1
    code=$?
    echo $((SECONDS - began)) >"$kept.seconds"
    exit $code
  ) &
  beside+=("$!|$kept|$name")
}

# Waits for all that were begun, and shows and counts each.
joined() {
  local one pid kept name end
  for one in "${beside[@]}"; do
    IFS='|' read -r pid kept name <<<"$one"
    if wait "$pid"; then end=passed; else end=FAILED; fi
    printf '\n=== %s\n' "$name"
    cat "$kept"
    printf -- '--- %s: %s (%s s, beside others)\n' "$name" "$end" "$(cat "$kept.seconds" 2>/dev/null)"
    if [ "$end" = passed ]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      names="$names  $name"
    fi
    rm -f "$kept" "$kept.seconds"
  done
  beside=()
}

finish() {
  [ -n "$names" ] && printf '\nfailed:%s\n' "$names"
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
