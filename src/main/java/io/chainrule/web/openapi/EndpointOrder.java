package io.chainrule.web.openapi;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import java.util.Comparator;
import java.util.List;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.stereotype.Component;

/** Puts the endpoints in the order of the README's table: what a new user tries first stands first. */
@Component
class EndpointOrder implements GlobalOpenApiCustomizer {
    private static final List<String> TAGS = List.of("Programs", "Pictures", "Training", "Models", "Data sets", "Jobs", "Notation", "Ops",
            "Types",
            "Keys");
    private static final List<String> OPERATIONS = List.of("gradient", "gradientLink", "explain", "render", "renderLink", "evaluate", "vjp",
            "jvp", "jacobian", "hessian", "hvp", "check", "derivative", "grade", "plot", "plotLink", "train", "putModel", "models", "model",
            "modelVersions", "exportModel", "deleteModel", "undeleteModel", "modelAliases", "modelAlias", "putModelAlias",
            "deleteModelAlias",
            "putDataset", "datasets", "dataset", "datasetFile", "deleteDataset", "postJob",
            "jobs", "job", "jobEvents", "jobResult", "deleteJob", "graph",
            "notation",
            "notationLibrary",
            "ops", "op", "opPlot", "layers", "layer", "losses", "loss", "initializers", "initializer", "optimizers", "optimizer",
            "schedules", "schedule", "makeKey", "keys", "key", "revokeKey");

    @Override
    public void customise(OpenAPI document) {
        Paths ordered = new Paths();
        document.getPaths().entrySet().stream().sorted(Comparator.comparingInt(path -> place(path.getValue())))
                .forEach(path -> ordered.addPathItem(path.getKey(), path.getValue()));
        document.setPaths(ordered);
        document.setTags(document.getTags().stream().sorted(Comparator.comparingInt(tag -> place(TAGS, tag.getName()))).toList());
    }

    private static int place(PathItem path) {
        return path.readOperations().stream().mapToInt(operation -> place(OPERATIONS, operation.getOperationId())).min().orElseThrow();
    }

    /** What is not listed comes last. */
    private static int place(List<String> order, String name) {
        int place = order.indexOf(name);
        return place < 0 ? order.size() : place;
    }
}
