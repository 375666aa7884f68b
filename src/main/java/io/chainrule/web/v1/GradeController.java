package io.chainrule.web.v1;

import io.chainrule.core.grade.Grade;
import io.chainrule.core.language.Language;
import io.chainrule.service.program.Answer;
import io.chainrule.service.program.GradeService;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Map;
import java.util.Objects;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;

/** Marks what users have worked out themselves. */
@Tag(name = "Programs")
@RestController
@RequestMapping(path = "/v1", consumes = MediaType.APPLICATION_JSON_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
class GradeController {
    private final GradeService service;
    private final Queries queries;

    GradeController(GradeService service, Queries queries) {
        this.service = service;
        this.queries = queries;
    }

    @Operation(operationId = "grade", summary = "Your own backward pass, marked",
            description = """
                    Marks lines of a program that compute its derivatives, such as `dq = z` or `dW = outer(dq, x)`: each is compared with \
                    the gradient at the given inputs and at random others, so that a right number by accident is found. Of a wrong line it \
                    says what kind of mistake fits and what the line should say. Lines that are right but for an earlier error are \
                    `follows`. At a kink every subgradient is right. A line whose shapes do not fit is wrong and spoils no other. \
                    `answers` are marked without telling the true gradients.""")
    @PostMapping("/grade")
    GradeResponse grade(@RequestBody GradeRequest request, ServletWebRequest exchange) {
        Language language = Languages.of(request.lang(), exchange.getRequest());
        Map<String, String> claims = Objects.requireNonNullElse(request.claims(), Map.of());
        Answer<Grade> answer = queries.answer(request, exchange.getRequest(),
                query -> service.grade(query, claims, Objects.requireNonNullElse(request.answers(), Map.of()), language));
        GradeResponse response = new ResponseMapper(request.arrays(), language).grade(answer);
        Languages.tell(language, exchange);
        return response;
    }
}
