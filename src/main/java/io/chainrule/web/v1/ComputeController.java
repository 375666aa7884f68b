package io.chainrule.web.v1;

import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.Call;
import io.chainrule.service.Call.LocalJacobians;
import io.chainrule.service.GradientService;
import io.chainrule.service.JacobianMode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The endpoints that compute something of a program. */
@Tag(name = "Programs", description = "Values and derivatives of a program, given as text or as a list of nodes.")
@RestController
@RequestMapping(path = "/v1", consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
class ComputeController {
    private final GradientService service;

    ComputeController(GradientService service) {
        this.service = service;
    }

    @Operation(operationId = "evaluate", summary = "The value of a program", description = "Runs the program forward and answers the value of the output and of the nodes asked for.")
    @PostMapping("/evaluate")
    EvaluateResponse evaluate(@RequestBody EvaluateRequest request) {
        return answer(request, (call, mapper) -> mapper.evaluation(service.evaluate(call)));
    }

    @Operation(operationId = "gradient", summary = "The gradient of a program's output", description = """
            Runs the program forward and once backward: the value, the derivative of the output with respect to every input, \
            and on the way the value and gradient of every node, as the chain rule produces them.""")
    @PostMapping("/gradient")
    GradientResponse gradient(@RequestBody GradientRequest request) {
        LocalJacobians jacobians = Objects.requireNonNullElse(request.jacobians(), LocalJacobians.AUTO);
        return answer(request, (call, mapper) -> mapper.gradient(service.gradient(call, request.cotangent(), jacobians)));
    }

    @Operation(operationId = "vjp", summary = "Vector-Jacobian products", description = "Pulls cotangents of any nodes back to the inputs, in one reverse sweep.")
    @PostMapping("/vjp")
    VjpResponse vjp(@RequestBody VjpRequest request) {
        Map<String, Tensor> cotangents = Objects.requireNonNullElse(request.cotangents(), Map.of());
        return answer(request, (call, mapper) -> mapper.vjp(service.vjp(call, cotangents)));
    }

    @Operation(operationId = "jvp", summary = "Jacobian-vector products", description = "Pushes tangents of the inputs forward to the nodes asked for, in one forward sweep.")
    @PostMapping("/jvp")
    JvpResponse jvp(@RequestBody JvpRequest request) {
        Map<String, Tensor> tangents = Objects.requireNonNullElse(request.tangents(), Map.of());
        return answer(request, (call, mapper) -> mapper.jvp(service.jvp(call, tangents, request.of())));
    }

    @Operation(operationId = "jacobian", summary = "Whole Jacobians", description = "The derivative of every entry of one node with respect to every entry of another, as one array.")
    @PostMapping("/jacobian")
    JacobianResponse jacobian(@RequestBody JacobianRequest request) {
        JacobianMode mode = Objects.requireNonNullElse(request.mode(), JacobianMode.AUTO);
        return answer(request, (call, mapper) -> mapper.jacobians(service.jacobian(call, request.of(), mode)));
    }

    @Operation(operationId = "graph", summary = "A program as a graph", description = "The nodes of the program with their shapes, the program as text, and what running it would cost. Nothing is computed.")
    @PostMapping("/graph")
    GraphResponse graph(@RequestBody GraphRequest request) {
        return answer(request,
                (call, mapper) -> mapper.description(service.describe(call, Objects.requireNonNullElse(request.shapes(), Map.of()))));
    }

    private static <R> R answer(ProgramRequest request, BiFunction<Call, ResponseMapper, R> compute) {
        try {
            return compute.apply(RequestMapper.call(request), new ResponseMapper(request.arrays()));
        } catch (ProblemException e) {
            throw ProblemLocator.locate(e, request);
        }
    }
}
