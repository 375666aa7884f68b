package io.chainrule.core.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.tensor.Checkpoint;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparsityTest {

    /** Every node by every node, so that some depend on others by which is differentiated, too. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            W @ x + x[0] * y                            | W:3,3 x:3 y:3
            sum(cumsum(x)[1:] * y) + z                  | x:4 y:3 z:
            concatenate(x, y)[1:5] @ (W @ W.T) + 2      | x:3 y:3 W:4,2
            sort(x)[:2] * max(y) + reshape(x, shape=[2, 2]) | x:4 y:2
            floor(x) + stop_gradient(y) * inv(A) @ x    | A:2,2 x:2 y:2,2
            """)
    void oneSearchFindsWhatASearchForEachPairFinds(String text, String shapes) {
        Graph graph = GraphFunction.of(text, new TreeMap<>(Derivatives.shapes(shapes))).graph();
        List<Integer> all = IntStream.range(0, graph.size()).boxed().toList();
        List<ElementSets> together = Objects.requireNonNull(Sparsity.of(graph, all, all, EntryLimits.whole(10_000), Checkpoint.NONE));
        for (int of : all) {
            int[][] rows = together.get(of).lists();
            int offset = 0;
            for (int wrt : all) {
                int from = offset;
                int to = offset + graph.shape(wrt).length();
                int[][] alone = Objects
                        .requireNonNull(Sparsity.of(graph, List.of(of), List.of(wrt), EntryLimits.whole(10_000), Checkpoint.NONE))
                        .getFirst()
                        .lists();
                assertThat(IntStream.range(0, rows.length)
                        .mapToObj(
                                row -> IntStream.of(rows[row]).filter(column -> column >= from && column < to).map(column -> column - from)
                                        .toArray())
                        .toArray(int[][]::new)).as("node %d by node %d", of, wrt).isDeepEqualTo(alone);
                offset = to;
            }
        }
    }
}
