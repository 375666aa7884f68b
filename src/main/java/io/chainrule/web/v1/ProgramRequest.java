package io.chainrule.web.v1;

import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.core.language.Language;
import io.chainrule.web.json.ArrayForm;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of all compute endpoints have in common: a program, its inputs, and what is asked about it. A request without one of
 * the fields inherits null for it, and a body that has the field is refused. Requests of other packages are of the last three kinds.
 */
public sealed interface ProgramRequest
        permits EvaluateRequest, GradientRequest, VjpRequest, JvpRequest, JacobianRequest, HessianRequest, HvpRequest, CheckRequest,
        GraphRequest, DerivativeRequest, ExplainRequest, GradeRequest, RenderRequest, PlotRequest,
        StoreRequest, RowsRequest, StepsRequest {

    @Schema(example = "q = W @ x\nf = sum(q^2)", description = """
            The program as text, one statement a line; the last statement is the output. Either this, or `graph`, or `network`, or `model`.

            A name that no statement binds is an input. A function, `sigma(u) = 1 / (1 + exp(-u))`, is defined before it is called and \
            written out at each call; other names in its body mean what they mean at the call, and it hides an op of its name. \
            It cannot call itself. A loop, `for i in 0:10` or `for i in 0:10:2`, is written out pass by pass; its body is indented, \
            or follows behind `:`. `i` is a number, in `x[i]` and `x[2*i-1]`, too; it cannot be bound in the body, and keeps its \
            last value after it. A name that is bound again is `h` for the last binding, `h_1`, `h_2`, … for earlier ones.""")
    @Nullable
    String expression();

    @Schema(description = "The program as a list of nodes. Either this, or `expression`, or `network`, or `model`.")
    @Nullable
    GraphProgram graph();

    @Schema(description = """
            The program as layers and a loss. Either this, or `expression`, or `graph`, or `model`. It becomes a graph like any other: a layer's \
            output is the node with the layer's name, nodes inside it are `layer/op_1`, parameters are inputs `layer.weight`, \
            `layer.bias`, the output is `loss`, or without one the last layer.""")
    @Nullable
    NetworkProgram network();

    @Schema(example = "digits", description = """
            A stored model in place of a program: `digits` for the version that the alias `latest` names, `digits:3` for a version, \
            `digits@prod` for another alias. Inputs that it keeps values of are not given. An `expression` calls models too, as functions \
            of their inputs: `f = digits(x)[3]`; a `graph` as ops: `{"id": "f", "op": "digits", "inputs": ["x"]}`.""")
    @Nullable
    String model();

    @Schema(description = """
            Values of a network's parameters, by name. Those not given are drawn from the seed and told in the answer. Also the running \
            statistics of batch_norm, `layer.running_mean` and `layer.running_variance`; default 0 and 1.""",
            example = "{\"hidden.bias\": [0, 0, 0]}")
    @Nullable
    Map<String, Tensor> parameters();

    @Schema(description = "How a network's parameters that are not given begin.")
    @Nullable
    NetworkInitializer initializer();

    @Schema(example = "false",
            description = """
                    Whether a network, also one that is stored, is run as in training: dropout leaves elements out, batch_norm takes the \
                    batch's statistics. Default false.""")
    default @Nullable Boolean training() {
        return null;
    }

    @Schema(example = "0", description = "What a network's dropout is drawn from; default 0, also for a network that is stored.")
    @Nullable
    Long seed();

    @Schema(description = """
            The value of every input, by name. A value is a number, nested arrays of numbers, or an array object \
            `{"shape", "dtype", "data": {"buffer", "encoding"}}`; NaN and infinities are the strings "NaN", "Infinity", "-Infinity".""")
    @Nullable
    Map<String, Tensor> inputs();

    @Schema(description = "Id of the node to answer and differentiate; default: the program's own output.", example = "f")
    @Nullable
    String output();

    @Schema(description = """
            Ids of the nodes to differentiate with respect to; default: every input, in the order of the request, or every parameter of \
            a network; a check leaves out indices and class labels, which have no derivative. \
            For a node that is no input the derivative is with respect to a perturbation added to it.""", example = "[\"x\"]")
    default @Nullable List<String> wrt() {
        return null;
    }

    @Schema(example = "all", description = "Which nodes the answer lists: \"all\" (default), \"named\", \"none\", or a list of ids.")
    default @Nullable NodeSelection nodes() {
        return null;
    }

    @Schema(example = "[\"x\"]", description = """
            Names of inputs that carry one more leading axis, over which the program is mapped, all samples in one run. \
            The other inputs are the same in every sample.""")
    default @Nullable List<String> batch() {
        return null;
    }

    @Schema(implementation = String.class, allowableValues = {"none", "sum", "mean"}, description = """
            What becomes of the samples of `batch`: "none" (default; every answer has their leading axis), "sum" or "mean" of the \
            values, with derivatives of the reduced value; then no `nodes` are listed.""")
    default @Nullable Reduction reduce() {
        return null;
    }

    @Schema(example = "as_written", description = """
            Whether the program is taken "as_written" (default), with every composite gate opened into the circuit of primitive ops \
            that it stands for ("expand"; nodes inside the gate `f` are called `f/exp_1`), or with known circuits closed into gates \
            ("collapse": `1 / (1 + exp(-u))` becomes a `sigmoid`; nodes that the request names, or that something else reads, \
            are not closed over). A list of ids opens these gates, and those inside them. Value and gradients are the same.""")
    default @Nullable GateForm gates() {
        return null;
    }

    @Schema(implementation = String.class, allowableValues = {"nested", "base64"}, description = """
            How the answer writes arrays: "nested" (default), or "base64" for array objects. Scalars are numbers either way.""")
    default @Nullable ArrayForm arrays() {
        return null;
    }

    @Schema(implementation = String.class, allowableValues = {"all", "none"}, description = """
            Whether the answer says what is worth knowing: "all" (default), or "none", which saves the work of looking for it.""")
    default @Nullable Remarks diagnostics() {
        return null;
    }

    @Schema(implementation = String.class, allowableValues = {"en", "ko"}, description = """
            The language of the texts in the answer, English or Korean; default: what `Accept-Language` prefers, else "en".""")
    default @Nullable Language lang() {
        return null;
    }
}
