import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.OpsApi;
import org.openapitools.client.api.ProgramsApi;
import org.openapitools.client.api.TrainingApi;
import org.openapitools.client.api.TypesApi;
import org.openapitools.client.model.EvaluateRequest;
import org.openapitools.client.model.GradientRequest;
import org.openapitools.client.model.GradientResponse;
import org.openapitools.client.model.Graph;
import org.openapitools.client.model.GraphNode;
import org.openapitools.client.model.JacobianRequest;
import org.openapitools.client.model.Layer;
import org.openapitools.client.model.Network;
import org.openapitools.client.model.NetworkInput;
import org.openapitools.client.model.NetworkLoss;
import org.openapitools.client.model.Optimizer;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.TrainRequest;
import org.openapitools.client.model.TrainResponse;

/** Uses the generated Java client against the service whose address is the argument; fails where an answer is wrong. */
public class Use {
    public static void main(String[] arguments) throws Exception {
        ApiClient client = new ApiClient().setBasePath(arguments[0]);
        ProgramsApi programs = new ProgramsApi(client);

        Graph neuron = new Graph().nodes(List.of(node("a", "mul", "w0", "x0"), node("b", "mul", "w1", "x1"), node("c", "add", "a", "b"),
                node("d", "add", "c", "w2"), node("n", "neg", "d"), node("p", "exp", "n"), node("s", "add", "p", 1),
                node("f", "reciprocal", "s")));
        GradientResponse answer = programs
                .gradient(new GradientRequest().graph(neuron).inputs(Map.of("w0", 2, "x0", -1, "w1", -3, "x1", -2, "w2", -3)));
        double s = 0.19661193324148185;
        check(isClose(answer.getValue(), 0.7310585786300049));
        Map.of("w0", -s, "x0", 2 * s, "w1", -2 * s, "x1", -3 * s, "w2", s)
                .forEach((name, expected) -> check(isClose(answer.getGradients().get(name), expected)));
        check(answer.getNodes().size() == 13);

        check(programs.jacobian(new JacobianRequest().expression("y = W @ x")
                .inputs(Map.of("W", List.of(List.of(1, 2), List.of(3, 4)), "x", List.of(5, 6))).wrt(List.of("x"))
                .mode(JacobianRequest.ModeEnum.FORWARD)).getJacobians().get("y").get("x")
                .equals(List.of(List.of(1.0, 2.0), List.of(3.0, 4.0))));

        Object packed = programs.evaluate(new EvaluateRequest().expression("y = 1 / x").inputs(Map.of("x", List.of(-0.0, 2)))
                .arrays(EvaluateRequest.ArraysEnum.BASE64)).getValue();
        check(((Map<?, ?>) packed).get("dtype").equals("float64"));
        check(programs.evaluate(new EvaluateRequest().expression("log(x)").inputs(Map.of("x", "Infinity"))).getValue().equals("Infinity"));

        Network network = new Network().input(new NetworkInput().name("x").shape(List.of(2)))
                .layers(List.of(new Layer().type(Layer.TypeEnum.DENSE).name("hidden").units(3).activation("tanh"),
                        new Layer().type(Layer.TypeEnum.DENSE).name("out").units(1)))
                .loss(new NetworkLoss().type(NetworkLoss.TypeEnum.MSE).target("y"));
        TrainResponse trained = new TrainingApi(client).train(new TrainRequest().network(network)
                .parameters(Map.of("hidden.bias", List.of(0, 0, 0))).epochs(3).batchSize(2)
                .optimizer(new Optimizer().type(Optimizer.TypeEnum.ADAM).lr(0.1).weightDecay(0.01))
                .inputs(Map.of("x", List.of(List.of(0, 1), List.of(1, 1)), "y", List.of(List.of(1), List.of(0)))));
        check(trained.getParameters().keySet().containsAll(List.of("hidden.bias", "hidden.weight", "out.bias", "out.weight")));
        check(trained.getHistory().size() == 3 && trained.getStoppedBy().toString().equals("epochs"));

        check(new OpsApi(client).op("relu").getConvention().equals("at 0 the derivative is 0"));
        check(new OpsApi(client).ops().size() > 50);
        check(new TypesApi(client).optimizers().stream().anyMatch(type -> type.getName().equals("adam")));
        check(new TypesApi(client).layer("dense").getParameters().get(0).getName().equals("weight"));

        try {
            programs.gradient(new GradientRequest().expression("f = sgmoid(1)"));
            throw new AssertionError("not refused");
        } catch (ApiException refused) {
            Problem problem = Problem.fromJson(refused.getResponseBody());
            check(refused.getCode() == 422 && problem.getErrors().get(0).getCode().equals("unknown-op"));
            check(problem.getErrors().get(0).getHint().contains("sigmoid"));
            check(refused.getResponseHeaders().get("request-id").contains(problem.getRequestId()));
        }
    }

    private static GraphNode node(String id, String op, Object... inputs) {
        return new GraphNode().id(id).op(op).inputs(List.of(inputs));
    }

    private static boolean isClose(Object actual, double expected) {
        return Math.abs((Double) actual - expected) < 1e-12;
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }
}
