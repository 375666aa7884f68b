package io.chainrule.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A bare Spring service. It takes any bytes, looks at none of them, and answers those of a file: what HTTP itself costs. */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
        WebMvcAutoConfiguration.class, HttpMessageConvertersAutoConfiguration.class})
@RestController
public class Echo {
    private static byte[] answer = {};

    /** Takes a port, and the file with the answer. */
    public static void main(String[] arguments) throws IOException {
        answer = Files.readAllBytes(Path.of(arguments[1]));
        SpringApplication application = new SpringApplication(Echo.class);
        // Not the service's configuration, which is on the class path.
        application
                .setDefaultProperties(Map.of("server.port", arguments[0], "spring.config.name", "echo", "spring.main.banner-mode", "off"));
        application.run();
    }

    @GetMapping("/")
    String ready() {
        return "";
    }

    @PostMapping(path = "/echo", produces = MediaType.APPLICATION_JSON_VALUE)
    byte[] echo(@RequestBody byte[] body) {
        return answer;
    }
}
