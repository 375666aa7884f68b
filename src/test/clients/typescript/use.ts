/** Uses the generated TypeScript client against the service whose address is the argument; fails where an answer is wrong. */
import { TrainingApi as KeptTrainingApi, type TrainRequest as KeptTrainRequest, Configuration as KeptConfiguration } from "./kept";
import {
    Configuration, type GraphNode, LayerTypeEnum, NetworkLossTypeEnum, OpsApi, OptimizerTypeEnum, ProblemFromJSON, ProgramsApi,
    ResponseError, TrainingApi, TypesApi,
} from "./client";

const configuration = new Configuration({ basePath: process.argv[2] });
const programs = new ProgramsApi(configuration);

function check(holds: boolean): void {
    if (!holds) {
        throw new Error("an answer is wrong");
    }
}

function node(id: string, op: string, ...inputs: unknown[]): GraphNode {
    return { id, op, inputs };
}

function isClose(actual: unknown, expected: number): boolean {
    return Math.abs((actual as number) - expected) < 1e-12;
}

async function main(): Promise<void> {
    const neuron = {
        nodes: [node("a", "mul", "w0", "x0"), node("b", "mul", "w1", "x1"), node("c", "add", "a", "b"), node("d", "add", "c", "w2"),
            node("n", "neg", "d"), node("p", "exp", "n"), node("s", "add", "p", 1), node("f", "reciprocal", "s")],
    };
    const answer = await programs.gradient({ gradientRequest: { graph: neuron, inputs: { w0: 2, x0: -1, w1: -3, x1: -2, w2: -3 } } });
    const s = 0.19661193324148185;
    check(isClose(answer.value, 0.7310585786300049));
    for (const [name, expected] of Object.entries({ w0: -s, x0: 2 * s, w1: -2 * s, x1: -3 * s, w2: s })) {
        check(isClose(answer.gradients[name], expected));
    }
    check(answer.nodes.length === 13);

    const arrays = await programs.jacobian({
        jacobianRequest: { expression: "y = W @ x", inputs: { W: [[1, 2], [3, 4]], x: [5, 6] }, wrt: ["x"], mode: "forward" },
    });
    check(JSON.stringify(arrays.jacobians["y"]?.["x"]) === "[[1,2],[3,4]]");

    const packed = await programs.evaluate({ evaluateRequest: { expression: "y = 1 / x", inputs: { x: [1, 2] }, arrays: "base64" } });
    check(packed.value.dtype === "float64" && packed.value.data.encoding === "base64");
    const infinite = await programs.evaluate({ evaluateRequest: { expression: "log(x)", inputs: { x: "Infinity" } } });
    check(infinite.value === "Infinity");

    const trained = await new TrainingApi(configuration).train({
        trainRequest: {
            network: {
                input: { name: "x", shape: [2] },
                layers: [{ type: LayerTypeEnum.Dense, name: "hidden", units: 3, activation: "tanh" }, { type: LayerTypeEnum.Dense, name: "out", units: 1 }],
                loss: { type: NetworkLossTypeEnum.Mse, target: "y" },
            },
            parameters: { "hidden.bias": [0, 0, 0] }, epochs: 3, batchSize: 2,
            optimizer: { type: OptimizerTypeEnum.Adam, lr: 0.1, weightDecay: 0.01 },
            inputs: { x: [[0, 1], [1, 1]], y: [[1], [0]] },
        },
    });
    check(Object.keys(trained.parameters).sort().join() === "hidden.bias,hidden.weight,out.bias,out.weight");
    check(trained.history.length === 3 && trained.history[0]?.learningRate === 0.1 && trained.stoppedBy === "epochs");

    // The same with the names that the JSON has: modelPropertyNaming=original.
    const request: KeptTrainRequest = {
        expression: "f = (x - 3)^2", inputs: { x: 0 }, wrt: ["x"], steps: 4, clip_norm: 10, optimizer: { type: "sgd", lr: 0.1, weight_decay: 0.01 },
    };
    const kept = await new KeptTrainingApi(new KeptConfiguration({ basePath: process.argv[2] })).train({ trainRequest: request });
    check(kept.history[0]?.learning_rate === 0.1 && kept.stopped_by === "steps");

    const ops = new OpsApi(configuration);
    check((await ops.op({ name: "relu" })).convention === "at 0 the derivative is 0");
    check((await ops.ops()).length > 50);
    const types = new TypesApi(configuration);
    check((await types.optimizers()).some(type => type.name === "adam"));
    check((await types.layer({ name: "dense" })).parameters?.[0]?.name === "weight");

    try {
        await programs.gradient({ gradientRequest: { expression: "f = sgmoid(1)" } });
        throw new Error("not refused");
    } catch (error) {
        if (!(error instanceof ResponseError)) {
            throw error;
        }
        const problem = ProblemFromJSON(await error.response.json());
        check(error.response.status === 422 && problem.errors[0]?.code === "unknown-op");
        check(problem.errors[0]?.hint?.includes("sigmoid") ?? false);
        check(error.response.headers.get("Request-Id") === problem.requestId);
    }
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
