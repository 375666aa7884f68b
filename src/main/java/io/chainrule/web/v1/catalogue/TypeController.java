package io.chainrule.web.v1.catalogue;

import io.chainrule.core.graph.Problem;
import io.chainrule.service.program.TypeCatalogue;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the catalogues of layers, losses, initializers, optimizers and schedules. */
@Tag(name = "Types", description = "What networks and trainings are made of.")
@RestController
@RequestMapping(path = "/v1", produces = MediaType.APPLICATION_JSON_VALUE)
class TypeController {
    @Operation(operationId = "layers", summary = "All types of layers",
            description = "Every type of layer: what arrives and leaves, its parameters and options, and a request that uses it.")
    @GetMapping("/layers")
    List<TypeResponse> layers() {
        return all(TypeCatalogue.LAYERS);
    }

    @Operation(operationId = "layer", summary = "One type of layers", description = "As in the list of all.")
    @GetMapping("/layers/{name}")
    TypeResponse layer(@Parameter(description = "Its name", example = "dense") @PathVariable String name) {
        return one(TypeCatalogue.LAYERS, name);
    }

    @Operation(operationId = "losses", summary = "All losses",
            description = "Every loss of networks: the op that it is, its target and options, and a request that uses it.")
    @GetMapping("/losses")
    List<TypeResponse> losses() {
        return all(TypeCatalogue.LOSSES);
    }

    @Operation(operationId = "loss", summary = "One loss", description = "As in the list of all.")
    @GetMapping("/losses/{name}")
    TypeResponse loss(@Parameter(description = "Its name", example = "cross_entropy") @PathVariable String name) {
        return one(TypeCatalogue.LOSSES, name);
    }

    @Operation(operationId = "initializers", summary = "All initializers",
            description = "Every way in which weights may begin, with its formula, options and a request that uses it.")
    @GetMapping("/initializers")
    List<TypeResponse> initializers() {
        return all(TypeCatalogue.INITIALIZERS);
    }

    @Operation(operationId = "initializer", summary = "One initializer", description = "As in the list of all.")
    @GetMapping("/initializers/{name}")
    TypeResponse initializer(@Parameter(description = "Its name", example = "he_normal") @PathVariable String name) {
        return one(TypeCatalogue.INITIALIZERS, name);
    }

    @Operation(operationId = "optimizers", summary = "All optimizers",
            description = "Every optimizer with its update, options and a request that uses it.")
    @GetMapping("/optimizers")
    List<TypeResponse> optimizers() {
        return all(TypeCatalogue.OPTIMIZERS);
    }

    @Operation(operationId = "optimizer", summary = "One optimizer", description = "As in the list of all.")
    @GetMapping("/optimizers/{name}")
    TypeResponse optimizer(@Parameter(description = "Its name", example = "adam") @PathVariable String name) {
        return one(TypeCatalogue.OPTIMIZERS, name);
    }

    @Operation(operationId = "schedules", summary = "All schedules",
            description = "Every way in which the learning rate may change in time, with its formula, options and a request that uses it.")
    @GetMapping("/schedules")
    List<TypeResponse> schedules() {
        return all(TypeCatalogue.SCHEDULES);
    }

    @Operation(operationId = "schedule", summary = "One schedule", description = "As in the list of all.")
    @GetMapping("/schedules/{name}")
    TypeResponse schedule(@Parameter(description = "Its name", example = "cosine") @PathVariable String name) {
        return one(TypeCatalogue.SCHEDULES, name);
    }

    private static List<TypeResponse> all(TypeCatalogue catalogue) {
        return catalogue.all().stream().map(type -> TypeResponse.of(catalogue, type)).toList();
    }

    private static TypeResponse one(TypeCatalogue catalogue, String name) {
        return catalogue.find(name).map(type -> TypeResponse.of(catalogue, type)).orElseThrow(() -> {
            Problem unknown = catalogue.unknown(name);
            return new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, unknown.message()).hint(unknown.hint()));
        });
    }
}
