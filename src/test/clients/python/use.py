"""Uses the generated Python client against the service whose address is the argument; fails where an answer is wrong."""
import json
import math
import sys

from openapi_client import (ApiClient, ApiException, Configuration, EvaluateRequest, GradientRequest, Graph, GraphNode, JacobianRequest,
                            Layer, Network, NetworkInput, NetworkLoss, OpsApi, Optimizer, ProgramsApi, TrainingApi, TrainRequest,
                            TypesApi)

client = ApiClient(Configuration(host=sys.argv[1]))
programs = ProgramsApi(client)


def node(id, op, *inputs):
    return GraphNode(id=id, op=op, inputs=list(inputs))


neuron = Graph(nodes=[node("a", "mul", "w0", "x0"), node("b", "mul", "w1", "x1"), node("c", "add", "a", "b"), node("d", "add", "c", "w2"),
                      node("n", "neg", "d"), node("p", "exp", "n"), node("s", "add", "p", 1), node("f", "reciprocal", "s")])
answer = programs.gradient(GradientRequest(graph=neuron, inputs={"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}))
s = 0.19661193324148185
assert math.isclose(answer.value, 0.7310585786300049, rel_tol=1e-12)
assert list(answer.gradients) == ["w0", "x0", "w1", "x1", "w2"]
for name, expected in {"w0": -s, "x0": 2 * s, "w1": -2 * s, "x1": -3 * s, "w2": s}.items():
    assert math.isclose(answer.gradients[name], expected, rel_tol=1e-12)
assert len(answer.nodes) == 13

arrays = programs.jacobian(JacobianRequest(expression="y = W @ x", inputs={"W": [[1, 2], [3, 4]], "x": [5, 6]}, wrt=["x"], mode="forward"))
assert arrays.jacobians["y"]["x"] == [[1, 2], [3, 4]]

packed = programs.evaluate(EvaluateRequest(expression="y = 1 / x", inputs={"x": [-0.0, 2]}, arrays="base64"))
assert packed.value["dtype"] == "float64" and packed.value["data"]["encoding"] == "base64"
assert programs.evaluate(EvaluateRequest(expression="log(x)", inputs={"x": "Infinity"})).value == "Infinity"

network = Network(input=NetworkInput(name="x", shape=[2]),
                  layers=[Layer(type="dense", name="hidden", units=3, activation="tanh"), Layer(type="dense", name="out", units=1)],
                  loss=NetworkLoss(type="mse", target="y"))
trained = TrainingApi(client).train(TrainRequest(network=network, parameters={"hidden.bias": [0, 0, 0]}, epochs=3, batch_size=2,
                                                 optimizer=Optimizer(type="adam", lr=0.1, weight_decay=0.01),
                                                 inputs={"x": [[0, 1], [1, 1]], "y": [[1], [0]]}))
assert sorted(trained.parameters) == ["hidden.bias", "hidden.weight", "out.bias", "out.weight"]
assert len(trained.history) == 3 and trained.history[0].learning_rate == 0.1 and trained.stopped_by == "epochs"

assert OpsApi(client).op("relu").convention == "at 0 the derivative is 0"
assert len(OpsApi(client).ops()) > 50
assert {api.name for api in TypesApi(client).optimizers()} >= {"sgd", "adam"}
assert TypesApi(client).layer("dense").parameters[0].name == "weight"

try:
    programs.gradient(GradientRequest(expression="f = sgmoid(1)"))
    raise AssertionError("not refused")
except ApiException as refused:
    problem = json.loads(refused.body)
    assert refused.status == 422 and problem["errors"][0]["code"] == "unknown-op" and "sigmoid" in problem["errors"][0]["hint"]
    assert refused.headers["Request-Id"] == problem["request_id"]
