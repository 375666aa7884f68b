#!/bin/sh
# Mutation testing in pieces. A piece that has a report is not run again, so that this may be stopped and started at will; remove
# target/mutation/PIECE to run it anew. Without arguments all pieces run, which takes many hours; else those that are named.
#   scripts/mutation.sh                      runs what has no report yet, and prints the table
#   scripts/mutation.sh rewrite web.problem  runs these pieces
#   scripts/mutation.sh --table              prints the table of the reports that there are
# MUTATION_THREADS is the number of threads, 1 unless it is set.
set -eu
cd "$(dirname "$0")/.."
reports=target/mutation
root=io.chainrule

# The piece, the classes that are changed, the tests that are to notice, and those among them that are left out.
pieces() {
  core="$root.core.*,$root.service.* $root.service.run.LimitsTest"
  echo "autodiff $root.core.autodiff.* $core"
  echo "rewrite $root.core.rewrite.* $core"
  echo "simplify $root.core.simplify.* $core"
  for letter in A B C D E F G I J K L M N O P R S T W Z; do
    echo "op-$letter $root.core.op.$letter* $core"
  done
  for room in run access store diagnostics program training; do
    echo "service.$room $root.service.$room.* $root.service.*,$root.web.* $root.web.page.*"
  done
  for room in security problem json http openapi v1; do
    echo "web.$room $root.web.$room.* $root.web.* $root.web.page.*"
  done
  echo "web.page $root.web.page.* $root.web.page.* none"
}

# The lines of the table: piece, score, changes that tests noticed, all changes.
table() {
  printf '%-24s %6s %9s %7s\n' piece score noticed changes
  for report in "$reports"/*/mutations.xml; do
    [ -e "$report" ] || continue
    all=$(grep -c '<mutation ' "$report" || true)
    noticed=$(grep -c "<mutation detected='true'" "$report" || true)
    [ "$all" -gt 0 ] || continue
    printf '%-24s %4d %% %9d %7d\n' "$(basename "$(dirname "$report")")" $((100 * noticed / all)) "$noticed" "$all"
  done
}

if [ "${1:-}" != --table ]; then
  pieces | while read -r piece classes tests without; do
    if [ $# -gt 0 ]; then
      wanted=no
      for name in "$@"; do [ "$name" = "$piece" ] && wanted=yes; done
      [ $wanted = yes ] || continue
    fi
    [ ! -e "$reports/$piece/mutations.xml" ] || continue
    echo "$(date +%H:%M) $piece"
    nice ./mvnw -q process-test-classes -Pmutation -Dmutation.classes="$classes" -Dmutation.tests="$tests" -Dmutation.without="$without" -Dmutation.threshold=0 \
      -Dmutation.threads="${MUTATION_THREADS:-1}" -Dmutation.reports="$reports/running" </dev/null >"$reports-$piece.log" 2>&1 \
      || { echo "failed: see $reports-$piece.log" >&2; exit 1; }
    mkdir -p "$reports"
    rm -rf "${reports:?}/$piece"
    mv "$reports/running" "$reports/$piece"
  done
fi
table
