package io.chainrule.web.v1;

import io.chainrule.core.rows.RowPolicy.OnCell;
import io.chainrule.core.rows.RowPolicy.OnResult;
import io.chainrule.service.bulk.RowEngine;
import io.chainrule.web.json.ColumnNames;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for a program to be run for each row of a data set. */
public non-sealed interface RowsRequest extends ProgramRequest {
    @Schema(description = "The name of the data set", example = "points", requiredMode = Schema.RequiredMode.REQUIRED)
    @Nullable
    String dataset();

    @Schema(description = """
            Where inputs that differ from row to row come from: the name of a column of numbers, or of arrays of one shape, or a list of \
            columns whose numbers are the elements of a vector. If it is left out, each column goes to the input of its name that has \
            no value in `inputs`; a name to which the program gives another meaning, as `pi`, is none. Otherwise it names the columns of \
            all inputs that have any.""")
    @Nullable
    Map<String, ColumnNames> columns();

    @Schema(implementation = String.class, allowableValues = {"local", "spark"}, description = """
            What works on the rows: this machine ("local"), or a cluster of Apache Spark ("spark"), where the service has one. Default: \
            "spark" for a data set that only Spark can read. The answer has the same bits.""", example = "local")
    RowEngine.@Nullable Kind engine();

    @Schema(implementation = String.class, allowableValues = {"fail", "skip", "nan"}, description = """
            What becomes of a row with a missing or malformed cell: it ends the job ("fail", the default), is left out ("skip"), or the \
            cell is NaN ("nan"). All are counted, and the first ones named.""")
    @Nullable
    OnCell on_cell();

    @Schema(implementation = String.class, allowableValues = {"fail", "skip", "keep"}, description = """
            What becomes of a row whose result is not finite, or that the program refuses: it ends the job ("fail", the default), is left \
            out ("skip"), or its results are as they are, NaN where it was refused ("keep").""")
    @Nullable
    OnResult on_result();

    /** Ids of nodes whose values are asked for, too. */
    default @Nullable List<String> of() {
        return null;
    }
}
