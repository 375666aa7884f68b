package io.chainrule.web.v1;

import io.chainrule.core.graph.Nearest;
import io.chainrule.web.json.LinkTo;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Refuses parameters of a query that an endpoint does not have: a list would otherwise answer everything to a filter whose name is
 * misspelt, and a deletion with a parameter delete more than is meant. Where the request has a body, all that is asked stands there.
 */
@Component
public class ParameterCheck implements HandlerInterceptor, WebMvcConfigurer {
    private static final int MOST_SHOWN = 40;
    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD", "DELETE");

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/v1/**");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getQueryString() != null && WITHOUT_BODY.contains(request.getMethod()) && handler instanceof HandlerMethod endpoint
                && isChecked(endpoint)) {
            List<String> known = Arrays.stream(endpoint.getMethod().getParameters())
                    .filter(parameter -> parameter.isAnnotationPresent(RequestParam.class)).map(Parameter::getName).toList();
            List<ErrorDetail> errors = new ArrayList<>();
            LinkQuery.of(request.getQueryString()).values().forEach((name, values) -> {
                if (!known.contains(name)) {
                    errors.add(unknown(name, known));
                } else if (values.size() > 1) {
                    errors.add(repeated(name, values));
                }
            });
            if (!errors.isEmpty()) {
                throw new RequestException(errors);
            }
        }
        return true;
    }

    /** A link is checked where it is read. Scripts that read events for browsers add parameters of their own, such as lastEventId. */
    private static boolean isChecked(HandlerMethod endpoint) {
        GetMapping get = endpoint.getMethodAnnotation(GetMapping.class);
        boolean isStream = get != null && List.of(get.produces()).contains(MediaType.TEXT_EVENT_STREAM_VALUE);
        return !isStream && !endpoint.hasMethodAnnotation(LinkTo.class);
    }

    /** That an address has a parameter which is none of {@code names}. */
    public static ErrorDetail unknown(String name, List<String> names) {
        return ErrorDetail.of(ProblemType.UNKNOWN_FIELD, "there is no parameter '" + shown(name) + "'").parameter(shown(name))
                .expected(names.isEmpty() ? "none" : "one of " + names, shown(name)).hint(Nearest.hint(name, names).orElse(null));
    }

    /** The error for a parameter that an address has several times. */
    public static ErrorDetail repeated(String name, List<String> values) {
        return ErrorDetail.of(ProblemType.BAD_REQUEST, "the parameter '" + shown(name) + "' is given " + values.size() + " times")
                .parameter(shown(name)).expected("once", String.valueOf(values.size()));
    }

    /** A name as problems tell it: not more of it than the first 40 characters. */
    public static String shown(String name) {
        return name.length() > MOST_SHOWN ? name.substring(0, MOST_SHOWN) + "…" : name;
    }
}
