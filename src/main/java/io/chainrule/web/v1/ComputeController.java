package io.chainrule.web.v1;

import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.program.Answer;
import io.chainrule.core.Transformation;
import io.chainrule.service.run.Query;
import io.chainrule.core.CheckOptions;
import io.chainrule.service.program.CheckService;
import io.chainrule.service.program.DerivativeOptions;
import io.chainrule.service.program.DerivativeService;
import io.chainrule.service.program.DescriptionService;
import io.chainrule.service.program.GradientService;

import io.chainrule.service.program.JacobianService;
import io.chainrule.service.program.MatrixFormat;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;

/** The endpoints that compute something of a program. */
@Tag(name = "Programs", description = "Values and derivatives of a program, given as text, as a list of nodes or as a network.")
@RestController
@RequestMapping(path = "/v1", consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
class ComputeController {
    private final GradientService service;
    private final JacobianService matrices;
    private final CheckService checks;
    private final DerivativeService symbolic;
    private final DescriptionService descriptions;
    private final Queries queries;

    ComputeController(GradientService service, JacobianService matrices, CheckService checks, DerivativeService symbolic,
            DescriptionService descriptions, Queries queries) {
        this.service = service;
        this.matrices = matrices;
        this.checks = checks;
        this.symbolic = symbolic;
        this.descriptions = descriptions;
        this.queries = queries;
    }

    @Operation(operationId = "evaluate", summary = "The value of a program", description = """
            Runs the program forward and answers the value of the output and of the nodes asked for.""")
    @PostMapping("/evaluate")
    EvaluateResponse evaluate(@RequestBody EvaluateRequest request, ServletWebRequest exchange) {
        return answer(request, exchange, service::evaluate, ResponseMapper::evaluation);
    }

    @Operation(operationId = "gradient", summary = "The gradient of a program's output", description = """
            Runs the program forward and once backward: the value, the derivative of the output with respect to every input, \
            and on the way the value and gradient of every node, as the chain rule produces them.""")
    @PostMapping("/gradient")
    GradientResponse gradient(@RequestBody GradientRequest request, ServletWebRequest exchange) {
        Transformation.Locals jacobians = Objects.requireNonNullElse(request.jacobians(), Transformation.Locals.AUTO);
        return answer(request, exchange,
                query -> service.gradient(query, request.cotangent(), jacobians, Boolean.TRUE.equals(request.digits())),
                ResponseMapper::gradient);
    }

    @Operation(operationId = "vjp", summary = "Vector-Jacobian products", description = """
            Pulls cotangents of any nodes back to the inputs, in one reverse sweep.""")
    @PostMapping("/vjp")
    VjpResponse vjp(@RequestBody VjpRequest request, ServletWebRequest exchange) {
        return answer(request, exchange, query -> service.vjp(query, given(request.cotangents(), "cotangents")), ResponseMapper::vjp);
    }

    @Operation(operationId = "jvp", summary = "Jacobian-vector products", description = """
            Pushes tangents of the inputs forward to the nodes asked for, in one forward sweep.""")
    @PostMapping("/jvp")
    JvpResponse jvp(@RequestBody JvpRequest request, ServletWebRequest exchange) {
        return answer(request, exchange, query -> service.jvp(query, given(request.tangents(), "tangents"), request.of()),
                ResponseMapper::jvp);
    }

    @Operation(operationId = "hessian", summary = "Second derivatives", description = """
            The Hessian of a scalar output: as many Hessian-vector products as its structure needs, one for each group of columns \
            that share no row.""")
    @PostMapping("/hessian")
    HessianResponse hessian(@RequestBody HessianRequest request, ServletWebRequest exchange) {
        MatrixFormat format = Objects.requireNonNullElse(request.format(), MatrixFormat.DENSE);
        return answer(request, exchange, query -> matrices.hessian(query, format), (mapper, answer) -> mapper.hessian(answer, format));
    }

    @Operation(operationId = "hvp", summary = "Hessian-vector products", description = """
            The derivative of the gradient along a vector, forward over reverse; the Hessian is never built.""")
    @PostMapping("/hvp")
    HvpResponse hvp(@RequestBody HvpRequest request, ServletWebRequest exchange) {
        return answer(request, exchange, query -> service.hvp(query, given(request.vectors(), "vectors")), ResponseMapper::hessianProduct);
    }

    @Operation(operationId = "check", summary = "Derivatives against differences", description = """
            Compares the gradient, or with `order` 2 the Hessian, with central differences of the program's values, entry by entry; \
            tells kinks and rounding noise from a wrong derivative.""")
    @PostMapping("/check")
    CheckResponse check(@RequestBody CheckRequest request, ServletWebRequest exchange) {
        CheckOptions options = RequestMapper.checkOptions(request);
        int order = Objects.requireNonNullElse(request.order(), 1);
        return answer(request, exchange, query -> checks.check(query, order, options), ResponseMapper::check);
    }

    @Operation(operationId = "graph", summary = "A program as a graph", description = """
            The nodes of the program with their shapes, the program as text, and what running it would cost. Nothing is computed.""")
    @PostMapping("/graph")
    GraphResponse graph(@RequestBody GraphRequest request, ServletWebRequest exchange) {
        Map<String, Shape> shapes = Objects.requireNonNullElse(request.shapes(), Map.of());
        return answer(request, exchange, query -> descriptions.describe(query, shapes), ResponseMapper::description);
    }

    @Operation(operationId = "derivative", summary = "Derivatives as programs",
            description = """
                    The derivative of the output by every input, simplified, as text, as LaTeX and MathML, and as a list of nodes, each of \
                    which can be posted again. Nothing is computed. Of an array it is a matrix or an array of more axes, in numerator \
                    layout: `W` for `W @ x`. `order` asks for higher derivatives, `mixed` for one by several names. The text is that of a \
                    textbook, and `domain` says where it has the value of the nodes, which are those that run and keep their digits: the \
                    gradient up to rounding, wherever that and all that it is made of is finite. With `"form": "stable"` the text is that \
                    of the nodes. With a `format`, the value and the derivatives are also given as a function in that language.""")
    @PostMapping("/derivative")
    DerivativeResponse derivative(@RequestBody DerivativeRequest request, ServletWebRequest exchange) {
        Map<String, Shape> shapes = Objects.requireNonNullElse(request.shapes(), Map.of());
        DerivativeOptions options = RequestMapper.derivativeOptions(request);
        return answer(request, exchange, query -> symbolic.derivatives(query, shapes, options), ResponseMapper::derivatives);
    }

    private <T, R> R answer(ProgramRequest request, ServletWebRequest exchange, Function<Query, Answer<T>> compute,
            BiFunction<ResponseMapper, Answer<T>, R> map) {
        Language language = Languages.of(request.lang(), exchange.getRequest());
        Answer<T> answer = queries.answer(request, exchange.getRequest(), compute);
        R response = map.apply(new ResponseMapper(request.arrays(), language), answer);
        Languages.tell(language, exchange);
        return response;
    }

    /** Refuses a request without this field: all derivatives would be zero, which nobody intends to ask for. */
    private static Map<String, Tensor> given(@Nullable Map<String, Tensor> values, String field) {
        if (values == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "the request has no '" + field + "'")
                    .at(JsonPointer.of(field)).expected("values by node", "nothing"));
        }
        return values;
    }
}
