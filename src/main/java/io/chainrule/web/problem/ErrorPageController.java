package io.chainrule.web.problem;

import io.chainrule.core.tensor.ShutdownException;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Answers requests that failed outside Spring's dispatcher; the servlet container forwards them here. The container sets the status 503
 * only while the service ends.
 */
@Hidden
@RestController
class ErrorPageController implements ErrorController {

    @RequestMapping("${spring.web.error.path:/error}")
    ResponseEntity<Object> answer(HttpServletRequest request) {
        Object cause = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        if (cause instanceof Throwable unforeseen && !(cause instanceof IOException)) {
            return Problems.unexpected(request, unforeseen);
        }
        if (status != null && (Integer) status == HttpServletResponse.SC_SERVICE_UNAVAILABLE) {
            throw new ShutdownException();
        }
        ProblemType type = ProblemType.NOT_FOUND;
        if (request.getAttribute(Problems.CODE_ATTRIBUTE) instanceof String noted && ProblemType.find(noted).isPresent()) {
            type = ProblemType.of(noted);
        } else if (cause != null) {
            type = ProblemType.BAD_REQUEST;
        } else if (status != null) {
            type = ProblemType.ofContainerStatus((Integer) status);
        }
        return Problems.answer(request, new RequestException(ErrorDetail.of(type, type.text().meaning())), HttpHeaders.EMPTY);
    }
}
