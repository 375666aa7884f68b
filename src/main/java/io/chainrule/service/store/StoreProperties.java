package io.chainrule.service.store;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** {@code chainrule.data-directory}: the folder of the embedded database, its backups and the first key. */
@ConfigurationProperties("chainrule")
public record StoreProperties(@DefaultValue("data") Path dataDirectory) {
    static final String PROPERTY = "chainrule.data-directory";

    public Path folder() {
        return dataDirectory.toAbsolutePath().normalize();
    }
}
