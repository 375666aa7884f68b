package io.chainrule.web.v1.catalogue;

import io.chainrule.core.expression.Libraries;
import io.chainrule.core.graph.Nearest;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the notation that expressions may be written in. */
@Tag(name = "Notation", description = "How programs may be written.")
@RestController
@RequestMapping(path = "/v1/notation", produces = MediaType.APPLICATION_JSON_VALUE)
class NotationController {
    @Operation(operationId = "notation", summary = "How expressions may be written",
            description = "Every form that is read, of Python, NumPy, PyTorch, JAX, TensorFlow and lectures, with the text that it means.")
    @GetMapping
    NotationResponse all() {
        return NotationResponse.all();
    }

    @Operation(operationId = "notationLibrary", summary = "The functions of another library",
            description = "Each form of a call that is read with a prefix such as np., and the expression that it means.")
    @GetMapping("/{name}")
    NotationResponse.LibraryResponse library(@Parameter(description = "The table's name", example = "numpy") @PathVariable String name) {
        return Libraries.find(name).map(NotationResponse.LibraryResponse::of)
                .orElseThrow(() -> new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, "there is no table '" + name + "'")
                        .hint(Nearest.hint(name, Libraries.names()).orElse("GET /v1/notation lists the tables"))));
    }
}
