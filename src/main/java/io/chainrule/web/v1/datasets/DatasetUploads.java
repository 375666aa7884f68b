package io.chainrule.web.v1.datasets;

import io.chainrule.service.datasets.DatasetFormat;
import io.chainrule.service.datasets.DatasetProperties;
import io.chainrule.service.datasets.DatasetService;
import io.chainrule.service.store.ArrivingFile;
import io.chainrule.web.http.ClientName;
import io.chainrule.web.http.Upload;
import io.chainrule.web.http.UploadRoute;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.v1.StoredName;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;

/** Which bodies are files of data sets, and what is known of them before they are read. */
@Configuration(proxyBeanMethods = false)
public class DatasetUploads {
    private static final byte[] OF_NUMPY = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final byte[] OF_PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);

    @Bean
    static UploadRoute datasetRoute(DatasetService service, DatasetProperties properties) {
        Set<MediaType> types = new HashSet<>(Set.of(MediaType.APPLICATION_OCTET_STREAM));
        for (DatasetFormat format : DatasetFormat.values()) {
            format.mediaTypes().stream().map(MediaType::parseMediaType).forEach(types::add);
        }
        return new UploadRoute(DatasetController.PATH + "/", types, properties.uploadBytes(), "chainrule.datasets.upload-bytes",
                (request, name, file) -> check(service, request, name, file));
    }

    private static void check(DatasetService service, HttpServletRequest request, String name, ArrivingFile file) {
        checkName(name);
        MediaType type = MediaType.parseMediaType(request.getContentType());
        Charset charset = type.getCharset();
        if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
            throw new RequestException(ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "files are read as UTF-8")
                    .expected("no charset, or charset=utf-8", "charset=" + charset.name()));
        }
        String header = type.getParameter("header");
        if (type.getSubtype().equals("csv") && header != null && header.replace("\"", "").equalsIgnoreCase("absent")) {
            throw new RequestException(ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "the first line has the names of the columns")
                    .expected("no header, or header=present", "header=absent")
                    .hint("put a line with a name for each column before the rows"));
        }
        checkShared(service);
        service.check(ClientName.owner(request), name, DatasetController.expected(request, name));
        service.checkQuotas(ClientName.owner(request), name, file, Upload.announcedSha256(request));
    }

    /** Throws {@link RequestException} if replicas share a database but no folder, so that the service cannot store files. */
    public static void checkShared(DatasetService service) {
        if (!service.isShared()) {
            throw new RequestException(ErrorDetail
                    .of(ProblemType.CONFLICT, "the service keeps no files, since other replicas would not find them")
                    .hint("whoever runs the service names a folder that all replicas share by chainrule.datasets.directory; files that "
                            + "are there already can be named by their location"));
        }
    }

    static void checkName(String name) {
        StoredName.check(name, "a data set");
    }

    /** The format of a file, by its media type or, where that says nothing, by its first bytes. */
    static DatasetFormat format(HttpServletRequest request, Path file) {
        MediaType type = MediaType.parseMediaType(Objects.requireNonNull(request.getContentType()));
        for (DatasetFormat format : DatasetFormat.values()) {
            if (format.mediaTypes().stream().map(MediaType::parseMediaType).anyMatch(type::equalsTypeAndSubtype)) {
                return format;
            }
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(OF_NUMPY.length);
            if (Arrays.equals(first, OF_NUMPY)) {
                return DatasetFormat.NPY;
            }
            if (first.length >= OF_PARQUET.length && Arrays.equals(Arrays.copyOf(first, OF_PARQUET.length), OF_PARQUET)) {
                return DatasetFormat.PARQUET;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new RequestException(ErrorDetail.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "the body does not tell its format")
                .expected("a file of Parquet or NumPy", type.toString()).hint("send CSV as text/csv, JSON Lines as application/x-ndjson"));
    }
}
