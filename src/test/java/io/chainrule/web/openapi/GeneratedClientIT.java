package io.chainrule.web.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.client.ApiClient;
import io.chainrule.client.ApiException;
import io.chainrule.client.OpsApi;
import io.chainrule.client.ProgramsApi;
import io.chainrule.client.model.GradientRequest;
import io.chainrule.client.model.GradientResponse;
import io.chainrule.client.model.Graph;
import io.chainrule.client.model.GraphNode;
import io.chainrule.client.model.JacobianRequest;
import io.chainrule.client.model.Problem;
import io.chainrule.web.HttpTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that was generated from the OpenAPI document talks to the service. */
class GeneratedClientIT extends HttpTest {
    private final ApiClient client = new ApiClient();

    @BeforeEach
    void connect() {
        client.updateBaseUri("http://localhost:" + port);
    }

    private static GraphNode node(String id, String op, Object... inputs) {
        return new GraphNode().id(id).op(op).inputs(List.of(inputs));
    }

    @Test
    void readsTheGradientsOfASigmoidNeuron() throws ApiException {
        Graph graph = new Graph().nodes(List.of(node("a", "mul", "w0", "x0"), node("b", "mul", "w1", "x1"), node("c", "add", "a", "b"),
                node("d", "add", "c", "w2"), node("n", "neg", "d"), node("p", "exp", "n"), node("s", "add", "p", 1),
                node("f", "reciprocal", "s")));
        GradientResponse answer = new ProgramsApi(client)
                .gradient(new GradientRequest().graph(graph).inputs(Map.of("w0", 2, "x0", -1, "w1", -3, "x1", -2, "w2", -3)));
        assertThat((Double) answer.getValue()).isCloseTo(0.7310585786300049, within(1e-12));
        double s = 0.19661193324148185;
        Map<String, Double> expected = Map.of("w0", -s, "x0", 2 * s, "w1", -2 * s, "x1", -3 * s, "w2", s);
        assertThat(answer.getGradients()).containsOnlyKeys(expected.keySet())
                .allSatisfy((name, gradient) -> assertThat((Double) gradient).isCloseTo(expected.get(name), within(1e-12)));
        assertThat(answer.getNodes()).hasSize(13);
    }

    @Test
    void readsArrays() throws ApiException {
        JacobianRequest request = new JacobianRequest().expression("y = W @ x")
                .inputs(Map.of("W", List.of(List.of(1, 2), List.of(3, 4)), "x", List.of(5, 6)))
                .wrt(List.of("x")).mode(JacobianRequest.ModeEnum.FORWARD);
        assertThat(new ProgramsApi(client).jacobian(request).getJacobians().get("y").get("x"))
                .isEqualTo(List.of(List.of(1.0, 2.0), List.of(3.0, 4.0)));
    }

    @Test
    void readsTheCatalogue() throws ApiException {
        assertThat(new OpsApi(client).op("relu").getConvention()).isEqualTo("at 0 the derivative is 0");
        assertThat(new OpsApi(client).ops()).isNotEmpty();
    }

    @Test
    void readsProblems() {
        ApiException refused = catchThrowableOfType(ApiException.class,
                () -> new ProgramsApi(client).gradient(new GradientRequest().expression("f = sgmoid(1)")));
        assertThat(refused.getCode()).isEqualTo(422);
        assertThat(JSON.readValue(refused.getResponseBody(), Problem.class).getErrors()).singleElement().satisfies(error -> {
            assertThat(error.getCode()).isEqualTo("unknown-op");
            assertThat(error.getHint()).contains("sigmoid");
        });
    }
}
