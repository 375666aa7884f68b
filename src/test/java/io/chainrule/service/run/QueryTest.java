package io.chainrule.service.run;

import static io.chainrule.service.program.TestService.inputs;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A query with one part changed keeps the others. */
class QueryTest {
    private static final Query ALL = new Query(new Source.Text("f = w * x"), inputs("x", 1), inputs("w", 2), 7, "f", List.of("w"),
            new Signature.NodeSelection.Named(), new Signature.Batch(List.of("x"), Signature.Reduction.SUM),
            Signature.GateForm.Whole.EXPAND, true, Set.of("f"), Transformation.Remarks.ALL);

    @Test
    void oneOfItsPartsIsReplaced() {
        Map<String, Tensor> others = inputs("x", 9);
        assertThat(List.of(ALL.withInputs(others).withInputs(ALL.inputs()), ALL.withBatch(Signature.Batch.NONE).withBatch(ALL.batch()),
                ALL.withNodes(new Signature.NodeSelection.None()).withNodes(ALL.nodes()))).containsOnly(ALL);
        assertThat(ALL.withInputs(others).inputs()).isEqualTo(others);
        assertThat(ALL.withBatch(Signature.Batch.NONE).batch()).isEqualTo(Signature.Batch.NONE);
        assertThat(ALL.withNodes(new Signature.NodeSelection.None()).nodes()).isEqualTo(new Signature.NodeSelection.None());
    }

    @Test
    void valuesAreThoseOfInputsAndParameters() {
        assertThat(ALL.values()).isEqualTo(inputs("x", 1, "w", 2));
        assertThat(ALL.inputs()).isEqualTo(inputs("x", 1));
    }

    @Test
    void whereNothingIsRunShapesTakeThePlaceOfValues() {
        Signature signature = ALL.describing(new Transformation.Description(), Map.of("x", Shape.of(3), "y", Shape.of(2)),
                Signature.Missing.REFUSED);
        assertThat(signature.inputs().toMap()).isEqualTo(Map.of("x", Shape.of(3), "y", Shape.of(2)));
        assertThat(signature.parameters().toMap()).isEqualTo(Map.of("w", Shape.SCALAR));
        assertThat(ALL.signature(new Transformation.Value()).inputs().toMap()).isEqualTo(Map.of("x", Shape.SCALAR));
    }
}
