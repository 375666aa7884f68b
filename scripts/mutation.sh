#!/bin/sh
# Mutation testing in pieces of some minutes. A piece that has a report is not run again, so that this may be stopped and started at will;
# remove target/mutation/PIECE to run it anew.
#   scripts/mutation.sh                      runs what has no report yet, and prints the table
#   scripts/mutation.sh rewrite web.problem  runs these pieces
#   scripts/mutation.sh --table              prints the table of the reports that there are
#   scripts/mutation.sh --pieces             prints what each piece changes, the tests that are to notice, and those left out
#   scripts/mutation.sh --survivors PIECE    prints the changes of a piece that no test noticed
# MUTATION_THREADS is the number of threads, 1 unless it is set. With MUTATION_LIMIT no more than so many changes of each class are tried.
set -eu
cd "$(dirname "$0")/.."
reports=target/mutation
root=io.chainrule

# Patterns of classes of a package whose names begin so, or of test classes with these names; "none" if there are none.
names() {
  package=$root.$1
  shift
  patterns=
  for name in "$@"; do patterns="$patterns${patterns:+,}$package.$name"; done
  echo "${patterns:-none}"
}

begin() {
  package=$1
  shift
  for name in "$@"; do set -- "$@" "$name*"; shift; done
  names "$package" "$@"
}

# The piece; after it the classes that are changed, the tests that are to notice, and those among them that are left out because they are
# slow. Each test that covers a class is run for each of its changes that others do not notice, so that a piece wants few, fast tests.
pieces() {
  echo "rewrite $root.core.rewrite.* $root.core.rewrite.*,$(names core NotationTest CompiledFunctionTest)"
  echo "autodiff.batch $(begin core.autodiff Batching) $(names core autodiff.BatchingTest autodiff.OneHotTest)"
  echo "autodiff.errors $(begin core.autodiff ErrorBounds) $(names core DigitsTest)"
  echo "autodiff.differences $(begin core.autodiff Difference) $(names core.autodiff DifferenceTest)"
  echo "autodiff.structure $(begin core.autodiff Coloring Compression Element Entry Sparsity Star) \
    $(names core.autodiff CompressionTest ElementSetsTest SparsityTest StarColoringTest)"
  echo "autodiff.sweeps $(begin core.autodiff Activity Forward Kinks Perturbations Reverse) \
    $(names core.autodiff ActivityTest HigherOrderTest ReverseModeTest TrapsTest),$(names core LostGradientsTest ContributionsTest)"

  echo "simplify $root.core.simplify.* $(names core simplify.* DerivativeProgramsTest)"

  op="$(names core op.CatalogueTest op.ValuesTest op.ConventionsTest op.AccuracyTest op.ErrorBoundsTest op.SharedLoopsTest autodiff.BatchingTest)"
  echo "op.matrices $(begin core.op CofactorDerivative Decompositions LinearAlgebra LuFactors MatrixF MatrixN Solve) \
    $op,$(names core.op LinearAlgebraTest DecompositionsTest AttributesTest)"
  echo "op.products $(begin core.op Contractions Einsum MatMul OneHot Products) \
    $(names core.op CatalogueTest ValuesTest ContractionsTest MatMulTest OneHotOpsTest)"
  echo "op.windows $(begin core.op Convolution Convolutions Im2Col MaxPool PaddedPool Patch Pooling Window) \
    $op,$(names core.op ConvolutionsTest PatchesTest PoolingTest LayersTest)"
  echo "op.networks $(begin core.op Attention ClassIndex ClassLosses Dropout EmbeddingLosses Losses Normalizations Recurrence) \
    $op,$(names core.op BackwardTest LossesTest LayersTest AttributesTest)"
  echo "op.axes $(begin core.op AlongAxis Axes Axis ColumnScores LineOp LogSumExp Ordering Positions Reductions Scans Softmax SortedOrder Statistics) \
    $op,$(names core.op ArrayOpsTest AxesTest GatherOpsTest ScanOpsTest SoftmaxTest AxisSumsTest ReductionsTest LongLinesTest AttributesTest)"
  echo "op.movement $(begin core.op Constructors FlatOp Gathering Index Join Movement Offsets Rearranging Region Shaping Shifted) \
    $(names core autodiff.BatchingTest),$(names core.op CatalogueTest ValuesTest ConventionsTest ErrorBoundsTest ArrayOpsTest AttributesTest ConstructorsTest \
      GatherOpsTest IndexTest LongLinesTest MovementTest RegionTest ShiftedRowsTest)"
  echo "op.scalars $(begin core.op Activations Arithmetic Comparisons Exponentials Phase PiecewiseActivations Slopes SmoothActivations \
    SpecialFunctions Trigonometry) $op,$(names core.op SecondDerivativesTest AttributesTest)"
  echo "op.errors $(begin core.op Accuracy ElementwiseError ErrorBound Errors MatrixError SumRounding) $(names core op.AccuracyBoundsTest op.ErrorBoundsTest DigitsTest)"
  echo "op.catalogue $(begin core.op Attribute CallForm Catalogue Cautions Circuit Composite Constraint Definition Equality ExampleProgram Latex OpC OpDefinition \
    Trait Wording Zero) \
    $(names core.op AttributesTest BackwardTest CompositeTest DependentErrorsTest ElementwiseTest OpDefinitionTest PublishedOpsTest)"
  echo "op.loops $(begin core.op Backward Batched Broadcast Difference ElementFunction ElementLoop KernelLoop Maths Progress),$(names core.op Elementwise 'Elementwise$*') \
    $(names core.op BackwardTest BroadcastLoopTest DependentErrorsTest ElementwiseTest KernelLoopsTest MathsTest ProgressTest)"

  endpoints="$(names web.v1 RecordedWithoutServerTest)"
  echo "service.diagnostics $root.service.diagnostics.* $root.service.diagnostics.*"
  echo "service.run-cache $(begin service.run Function Kept NodePaces) $(names service.run NodePacesTest FunctionCacheTest BudgetTest AdmissionTest LimitsTest)"
  echo "service.run-turns $(begin service.run Booking ClientLook Draining Lane Overloaded Pace SizeShare Turn Waiting) \
    $(names service.run BookingTest DrainingTest LaneTest PacesTest TurnsTest)"
  echo "service.run $(begin service.run Admission Budget ClientPlaces Fault Json Limit MemoryLine Operator Query Request Run Spans Unfit Used Work) \
    $(names service.run AdmissionTest BookingTest BudgetTest ClientPlacesTest JsonMemoryTest LaneTest LimitsTest LimitCheckTest QueryTest RequestTimeTest RunMetersTest SpansTest),$(names web.problem ProblemAdviceTest)"
  echo "service.program-sizes $(begin service.program AnswerSize Ledger) $(names service.program AnswerSizeTest)"
  echo "service.program $(begin service.program Catalogue Check Derivative Description Explanation Grade Gradient Jacobian Link Matrix Notation OneSample \
    Picture Plot Type),$(names service.program Answer) $root.service.program.* \
    $(names service.program AnswerSizeTest ArrayProgramsTest BatchServiceTest TestFunctionsTest)"
  echo "service.training $root.service.training.* $root.service.training.*,$endpoints"
  echo "service.access $root.service.access.* $root.service.access.*"
  echo "service.models $root.service.models.* $root.service.models.*,$root.web.v1.models.*"
  echo "service.datasets $root.service.datasets.* $root.service.datasets.*,$root.web.v1.datasets.*"
  echo "service.bulk $root.service.bulk.* $(names web.v1.jobs ReduceTest MapTest FitTest),$root.service.bulk.*"
  echo "service.jobs $root.service.jobs.* $root.web.v1.jobs.*"
  echo "service.store $root.service.store.* $root.service.store.*,$root.service.access.StoredKeysTest $root.service.store.KilledStoreTest"

  echo "web.problem $root.web.problem.* $root.web.problem.*,$endpoints,$(names web http.SlipsTest)"
  echo "web.json $root.web.json.* $root.web.json.*,$endpoints"
  echo "web.openapi $root.web.openapi.* $root.web.openapi.*"
  echo "web.page $root.web.page.* $(names web page.PageTest page.StartPageTest)"
  echo "web.security $(begin web.security Access Clients OpenAddress OpenModeFilter Refus ScopeRule TokenReader WrongKeys) \
    $(names web.security AccessRulesTest OpenAddressTest OpenModeFilterTest RefusalsTest)"
  echo "web.security-modes $(begin web.security ApiKey ClientStanding ForMode KeyScheme QuotaFilter SecurityConfiguration) \
    $(names web.security KeySchemeTest ModeConfigurationTest QuotaFilterTest)"
  echo "web.http-bodies $(begin web.http Arrivals Body Buffered ClientName ClientPace Content Download Gzip LimitedStream Network PacedStream PackedDocuments Received RequestCost Standing Streamed Turn Upload Utf8) \
    $(names web.http BodyLimitTest BufferedAnswerTest BufferedBodyTest ClientNameTest ClientPaceTest TurnFilterTest UploadPaceTest UploadsTest Utf8Test)"
  echo "web.http $(begin web.http Address Audit ClientConnection Connection Cors Filter Health Http Management Problem Refusal RequestId RequestLog RequestPath \
    RequestTimer Security Strict Trace Training) $(names web.http BareServerTest FiltersTest HttpSemanticsTest RequestPathTest SecurityHeadersTest StrictHttpTest TraceFilterTest TrainingPlaceTest)"
  echo "web.v1.keys $root.web.v1.keys.* $(names web.v1.keys KeyMapperTest),$(names web.security KeysTest)"
  echo "web.v1.models $root.web.v1.models.*,$(begin web.v1 Paging Preconditions Queries Source Store) $root.web.v1.models.*"
  echo "web.v1.jobs $root.web.v1.jobs.*,$(begin web.v1 Caller Rows Steps) $root.web.v1.jobs.*"
  echo "web.v1.datasets $root.web.v1.datasets.* $root.web.v1.datasets.*"
  echo "web.v1.pictures-links $(begin web.v1.pictures Canonical Link Revision) $(names web.v1.pictures LinkTest)"
  echo "web.v1.pictures $(begin web.v1.pictures OpPlot Picture Plot),$(begin web.v1 Plot Render) \
    $(names web.v1.pictures LinkTest PictureResponsesTest PlotTest RenderTest)"
  echo "web.v1.training $root.web.v1.training.*,$(begin web.v1 EarlyStopping EventStream Optimizer Schedule) \
    $endpoints,$(names web.v1.training EventStreamTest TrainStreamTest)"
  echo "web.v1-explanations $(begin web.v1 Explain Grade Languages) $endpoints,$(names web.v1 ExplainTest GradeTest DiagnosticsLanguageTest)"
  echo "web.v1.catalogue $root.web.v1.catalogue.* $(names web.v1 EndpointsTest catalogue.NotationPageTest catalogue.TypesTest)"
  echo "web.v1-networks $(begin web.v1 Layer Network) $endpoints"
  echo "web.v1-jacobians $(begin web.v1 Coo Hessian Jacobian LocalJacobian Pairs) $endpoints,$(names web.v1 EndpointsTest ErrorsTest JacobianStreamTest)"
  echo "web.v1 $(begin web.v1 Accepted CheckRe Compute Cost Derivative Derived Diagnostic Evaluate Gradient Graph Hvp Input Json Jvp LinkQuery Node Options Parameter \
    Program Request Response Vjp Warm) $endpoints,$(names web.v1 DerivativeTest ErrorsTest LinkQueryTest ManyNamesTest ParameterCheckTest pictures.RenderTest WarmUpTest)"
}

# The table of docs/testing.md.
table() {
  echo '| piece | score | changes | noticed | of these by time | date |'
  echo '|---|---|---|---|---|---|'
  for report in "$reports"/*/mutations.xml; do
    [ -e "$report" ] && [ "$report" != "$reports/running/mutations.xml" ] || continue
    all=$(grep -c '<mutation ' "$report" || true)
    noticed=$(grep -c "<mutation detected='true'" "$report" || true)
    slow=$(grep -c "status='TIMED_OUT'" "$report" || true)
    [ "$all" -gt 0 ] || continue
    piece=$(basename "$(dirname "$report")")
    echo "| \`$piece\` | $((100 * noticed / all)) % | $all | $noticed | $slow | $(date -r "$report" +%Y-%m-%d) |"
  done
}

# Class, line, method, whether a test runs the line, and what was changed.
survivors() {
  grep "<mutation detected='false'" "$reports/$1/mutations.xml" | sed -E \
    "s|.* status='([A-Z_]+)'.*<mutatedClass>$root\.([^<]*)<.*<mutatedMethod>([^<]*)<.*<lineNumber>([^<]*)<.*<description>([^<]*)<.*|\2:\4 \3 \1 \5|" | sort
}

case "${1:-}" in
  --pieces) pieces; exit ;;
  --table) table; exit ;;
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
    -Dmutation.classes="$classes" -Dmutation.tests="$tests" -Dmutation.without="$root.*IT,${without:-none}" -Dmutation.threads="${MUTATION_THREADS:-1}" \
    ${MUTATION_LIMIT:+"-Dfeatures=+CLASSLIMIT(limit[$MUTATION_LIMIT])"} -Dmutation.reports="$reports/running" \
    </dev/null >"$reports-$piece.log" 2>&1 || { echo "failed: see $reports-$piece.log" >&2; exit 1; }
  rm -rf "${reports:?}/$piece"
  mv "$reports/running" "$reports/$piece"
done
table
