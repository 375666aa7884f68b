package io.chainrule.web.problem;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the help pages that a problem's {@code type} links to, for people and for programs. */
@Hidden
@RestController
@RequestMapping("/problems")
class ProblemPageController {

    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    List<ProblemPage> list(HttpServletRequest request) {
        return Arrays.stream(ProblemType.values()).map(type -> ProblemPage.of(type, Problems.base(request))).toList();
    }

    @GetMapping(path = "/{code}", produces = MediaType.APPLICATION_JSON_VALUE)
    ProblemPage page(@PathVariable String code, HttpServletRequest request) {
        return ProblemPage.of(find(code), Problems.base(request));
    }

    @GetMapping(path = "/{code}", produces = MediaType.TEXT_HTML_VALUE)
    String html(@PathVariable String code, HttpServletRequest request) {
        return ProblemPage.of(find(code), Problems.base(request)).toHtml();
    }

    private static ProblemType find(String code) {
        return ProblemType.find(code)
                .orElseThrow(() -> new RequestException(ErrorDetail.of(ProblemType.NOT_FOUND, "there is no problem type '" + code + "'")));
    }
}
