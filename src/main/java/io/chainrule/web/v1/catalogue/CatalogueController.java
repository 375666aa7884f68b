package io.chainrule.web.v1.catalogue;

import io.chainrule.core.language.Language;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.service.program.CatalogueService;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.Languages;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the catalogue of ops. */
@Tag(name = "Ops", description = "What programs are made of.")
@RestController
@RequestMapping(path = "/v1/ops", produces = MediaType.APPLICATION_JSON_VALUE)
class CatalogueController {
    private final CatalogueService catalogue;

    CatalogueController(CatalogueService catalogue) {
        this.catalogue = catalogue;
    }

    @Operation(operationId = "ops", summary = "All ops", description = "Every op with its operands, attributes, formula and derivative.")
    @GetMapping
    ResponseEntity<List<OpResponse>> all(HttpServletRequest exchange) {
        Language language = Languages.preferred(exchange);
        return spoken(language).body(catalogue.all().stream().map(op -> OpResponse.of(op, null, null, language)).toList());
    }

    @Operation(operationId = "op", summary = "One op",
            description = "By name or alias, with the circuit it stands for and an example that is computed as you ask.")
    @GetMapping("/{name}")
    ResponseEntity<OpResponse> one(@Parameter(description = "Name or alias", example = "relu") @PathVariable String name,
            HttpServletRequest exchange) {
        OpDefinition op = catalogue.find(name).orElseThrow(() -> unknown(name));
        Language language = Languages.preferred(exchange);
        return spoken(language).body(OpResponse.of(op, catalogue.circuit(op), catalogue.example(op), language));
    }

    private static ResponseEntity.BodyBuilder spoken(Language language) {
        return Languages.spoken(language, HttpHeaders.ACCEPT_LANGUAGE);
    }

    private RequestException unknown(String name) {
        return new RequestException(
                ErrorDetail.of(ProblemType.NOT_FOUND, "there is no op '" + name + "'").hint(catalogue.hint(name).orElse(null)));
    }
}
