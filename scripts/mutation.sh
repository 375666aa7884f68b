#!/bin/sh
# Mutation testing in pieces of some minutes. A piece that has a report is not run again, so that this may be stopped and started at will;
# remove target/mutation/PIECE to run it anew.
#   scripts/mutation.sh                      runs what has no report yet, and prints the table
#   scripts/mutation.sh rewrite web.problem  runs these pieces
#   scripts/mutation.sh --table              prints the table of the reports that there are
#   scripts/mutation.sh --survivors PIECE    prints the changes of a piece that no test noticed
# MUTATION_THREADS is the number of threads, 1 unless it is set.
set -eu
cd "$(dirname "$0")/.."
reports=target/mutation
root=io.chainrule

# The piece; after it the classes that are changed, the tests that are to notice, and those among them that are left out.
pieces() {
  autodiff="$root.core.autodiff"
  derivatives="$autodiff.*,$root.core.CompiledJacobianTest,$root.core.JacobianTest,$root.core.CompiledCheckTest,$root.core.LostGradientsTest"
  echo "rewrite $root.core.rewrite.* $root.core.rewrite.*,$root.core.NotationTest,$root.core.CompiledFunctionTest"
  echo "autodiff.batch $autodiff.Batching*,$autodiff.ErrorBounds* \
    $autodiff.BatchingTest,$root.core.op.ArrayOpBatchTest,$root.core.DigitsTest"
  echo "autodiff $(list $autodiff Activity Coloring Compression Difference Element Entry Forward Kinks Perturbations Reverse Sparsity Star) \
    $derivatives $autodiff.ScaleTest,$autodiff.OneHotTest,$autodiff.BatchingTest"
}

# Patterns of classes whose names begin so, in a package.
list() {
  package=$1
  shift
  patterns=
  for name in "$@"; do patterns="$patterns${patterns:+,}$package.$name*"; done
  echo "$patterns"
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

# Class, line, method, whether a test runs the line, and what was changed.
survivors() {
  grep "<mutation detected='false'" "$reports/$1/mutations.xml" | sed -E \
    "s|.* status='([A-Z_]+)'.*<mutatedClass>$root\.([^<]*)<.*<mutatedMethod>([^<]*)<.*<lineNumber>([^<]*)<.*<description>([^<]*)<.*|\2:\4 \3 \1 \5|" | sort
}

case "${1:-}" in
  --table) table; exit ;;
  --pieces) pieces; exit ;;
  --survivors) survivors "$2"; exit ;;
esac
nice ./mvnw -q test-compile -Pmutation </dev/null
pieces | while read -r piece classes tests without; do
  if [ $# -gt 0 ]; then
    wanted=no
    for name in "$@"; do [ "$name" = "$piece" ] && wanted=yes; done
    [ $wanted = yes ] || continue
  fi
  [ ! -e "$reports/$piece/mutations.xml" ] || continue
  echo "$(date +%H:%M) $piece"
  mkdir -p "$reports"
  nice ./mvnw -q org.apache.maven.plugins:maven-toolchains-plugin:select-jdk-toolchain \
    org.codehaus.gmavenplus:gmavenplus-plugin:execute@mutation-jvm org.pitest:pitest-maven:mutationCoverage -Pmutation \
    -Dmutation.classes="$classes" -Dmutation.tests="$tests" -Dmutation.without="${without:-none}" -Dmutation.threads="${MUTATION_THREADS:-1}" \
    -Dmutation.reports="$reports/running" </dev/null >"$reports-$piece.log" 2>&1 || { echo "failed: see $reports-$piece.log" >&2; exit 1; }
  rm -rf "${reports:?}/$piece"
  mv "$reports/running" "$reports/$piece"
done
table
