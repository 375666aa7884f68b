package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.limits;
import static io.chainrule.service.program.TestService.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients read of ops. */
class CatalogueServiceTest {
    private final CatalogueService catalogue = new CatalogueService(with(), limits());

    private OpDefinition op(String name) {
        return catalogue.find(name).orElseThrow();
    }

    @Test
    void anOpIsFoundByItsNameAndItsAliases() {
        assertThat(catalogue.all()).containsExactlyElementsOf(OpCatalogue.all());
        assertThat(op("asin").name()).isEqualTo("asin");
        assertThat(op("arcsin")).isSameAs(op("asin"));
        assertThat(catalogue.find("asn")).isEmpty();
        assertThat(catalogue.hint("asn")).contains("did you mean 'asin'?");
        assertThat(catalogue.hint("nothing like it")).isEmpty();
    }

    @Test
    void anExampleIsAProgramWithItsGradient() {
        CatalogueService.OpExample example = catalogue.example(op("sigmoid"));
        assertThat(example.expression()).isEqualTo(op("sigmoid").example());
        assertThat(example.inputs()).isEqualTo(op("sigmoid").exampleInputs()).isNotEmpty();
        assertThat(example.answer().result().outcome().gradients().keySet()).isEqualTo(example.inputs().keySet());
    }

    /** Operands have the names that the op has for them; of any number of operands the later ones are numbered. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exp       |
            add       |
            matmul    |
            sigmoid   | 1 / (1 + exp(-x))
            logaddexp | log(exp(a) + exp(b))
            linear    | x @ weight + bias
            mean      | sum(x, axis=[1]) / 3
            einsum    | a @ transpose(a_2, axes=[1, 0])
            """)
    void aCompositeOpHasTheCircuitThatItStandsFor(String name, @Nullable String circuit) {
        assertThat(catalogue.circuit(op(name))).isEqualTo(circuit);
    }

    @Test
    void aCircuitIsBounded() {
        CatalogueService small = new CatalogueService(with(), limits("nodes", "5"));
        assertThat(catchThrowableOfType(LimitException.class, () -> small.circuit(op("lstm_cell"))).limit()).isEqualTo("nodes");
    }

    @Test
    void aNotationHasItsCanonicalText() {
        assertThat(NotationCatalogue.canonical("np.exp(x).sum()", Map.of("x", Shape.of(3)))).isEqualTo("sum(exp(x))");
    }
}
