# An agent as cheap as a process can be: shell builtins only, unless it is to take time.
# usage: sh agent.sh SECONDS   (0: answers at once)
if [ "$1" != 0 ]; then sleep "$1"; fi
case $ORCHESTRATE_STEP in
implement)
  case $ORCHESTRATE_UNIT in
  *.*) file=part-$ORCHESTRATE_PHASE ;;
  *) file=$ORCHESTRATE_UNIT ;;
  esac
  printf '// %s\n' "$ORCHESTRATE_UNIT" >>"src/$file.ts"
  printf '{"nonce":"%s","summary":"Wrote it."}' "$ORCHESTRATE_NONCE" >"$ORCHESTRATE_ARTIFACT"
  ;;
*)
  printf '{"nonce":"%s","summary":"Read it.","findings":[]}' "$ORCHESTRATE_NONCE" >"$ORCHESTRATE_ARTIFACT"
  ;;
esac
