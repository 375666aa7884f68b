package io.chainrule.web.page;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Answers {@code /} with the page, and lets browsers keep the files that it loads. */
@Hidden
@RestController
class PageController implements WebMvcConfigurer {
    private static final CacheControl FOR_GOOD = CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();

    private final StartPage page = StartPage.of(new PageFiles(), ImportMap.ofWebJars());

    @GetMapping(value = "/", produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<String> page(HttpServletResponse response) {
        // Set, not added: with the policy of other answers beside it, both would have to agree.
        response.setHeader("Content-Security-Policy", page.policy());
        // The tag is weak because strong ones say the same bytes, also of compressed answers.
        return ResponseEntity.ok().eTag("W/\"" + page.version() + "\"").cacheControl(CacheControl.noCache())
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                .body(page.html());
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        registry.addResourceHandler("/page/" + page.version() + "/**").addResourceLocations("classpath:/page/").setCacheControl(FOR_GOOD);
        registry.addResourceHandler("/webjars/**").addResourceLocations("classpath:/META-INF/resources/webjars/")
                .setCacheControl(FOR_GOOD);
    }
}
