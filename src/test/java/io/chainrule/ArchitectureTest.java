package io.chainrule;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMembers;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.springframework.stereotype.Controller;

/** The rooms of the program and who may enter which. */
@AnalyzeClasses(packages = "io.chainrule", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] FOUNDATION = {"tensor", "elementary", "kernel", "linalg", "graph", "op"};
    private static final String[] UPPER = {"rewrite", "simplify", "autodiff", "execution", "expression", "print", "code",
            "network"};
    private static final String[] INNER = concat(FOUNDATION, UPPER);
    private static final String[] CORE = concat(INNER,
            new String[]{"face", "training", "language", "explain", "grade", "picture", "reduction", "rows", "fit"});
    private static final String DEFINITIONS = ".*[.](OpDefinition|CallForm|Attribute|Constraint|Catalogue|LayerType|LossType)([$].*)?";
    private static final String[] SERVICE = {"run", "diagnostics", "program", "trainings", "store", "access", "models", "datasets",
            "bulk", "jobs"};

    /** Rooms of one column are apart from each other, but for the upper ones. The face joins them; training calls compiled functions. */
    @ArchTest
    static final ArchRule dependenciesPointLeft = dependenciesPointLeft();

    private static ArchRule dependenciesPointLeft() {
        var rooms = layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true)
                .layer("face").definedBy("io.chainrule.core")
                .layer("training").definedBy("io.chainrule.core.training..")
                .layer("reduction").definedBy("io.chainrule.core.reduction..")
                .layer("rows").definedBy("io.chainrule.core.rows..")
                .layer("fit").definedBy("io.chainrule.core.fit..")
                .layer("picture").definedBy("io.chainrule.core.picture..")
                .layer("language").definedBy("io.chainrule.core.language..")
                .layer("explain").definedBy("io.chainrule.core.explain..")
                .layer("grade").definedBy("io.chainrule.core.grade..")
                .layer("run").definedBy("io.chainrule.service.run..")
                .layer("diagnostics").definedBy("io.chainrule.service.diagnostics..")
                .layer("program").definedBy("io.chainrule.service.program..")
                .layer("trainings").definedBy("io.chainrule.service.training..")
                .layer("store").definedBy("io.chainrule.service.store..")
                .layer("datasets").definedBy("io.chainrule.service.datasets..")
                .layer("access").definedBy("io.chainrule.service.access..")
                .layer("models").definedBy("io.chainrule.service.models..")
                .layer("bulk").definedBy("io.chainrule.service.bulk..")
                .layer("jobs").definedBy("io.chainrule.service.jobs..")
                .layer("web").definedBy("io.chainrule.web..");
        for (var room : INNER) {
            rooms = rooms.layer(room).definedBy("io.chainrule.core." + room + "..");
        }
        rooms = rooms.whereLayer("tensor").mayNotAccessAnyLayer()
                .whereLayer("elementary").mayOnlyAccessLayers("tensor")
                .whereLayer("kernel").mayOnlyAccessLayers("tensor", "elementary")
                .whereLayer("linalg").mayOnlyAccessLayers("tensor", "elementary", "kernel")
                .whereLayer("graph").mayOnlyAccessLayers("tensor")
                .whereLayer("op").mayOnlyAccessLayers("tensor", "elementary", "kernel", "linalg", "graph");
        for (var room : UPPER) {
            rooms = rooms.whereLayer(room).mayOnlyAccessLayers(INNER);
        }
        return rooms.whereLayer("face").mayOnlyAccessLayers(INNER)
                .whereLayer("training").mayOnlyAccessLayers(concat(INNER, new String[]{"face"}))
                .whereLayer("reduction").mayOnlyAccessLayers("tensor")
                .whereLayer("rows").mayOnlyAccessLayers(concat(INNER, new String[]{"face", "reduction"}))
                .whereLayer("fit").mayOnlyAccessLayers(concat(INNER, new String[]{"face", "training", "reduction", "rows"}))
                .whereLayer("picture").mayOnlyAccessLayers(concat(INNER, new String[]{"face", "language"}))
                .whereLayer("language").mayNotAccessAnyLayer()
                .whereLayer("explain").mayOnlyAccessLayers(concat(INNER, new String[]{"face", "training", "language"}))
                .whereLayer("grade").mayOnlyAccessLayers(concat(INNER, new String[]{"face", "language"}))
                .whereLayer("run").mayOnlyAccessLayers(CORE)
                .whereLayer("diagnostics").mayOnlyAccessLayers(concat(CORE, new String[]{"run"}))
                .whereLayer("program").mayOnlyAccessLayers(concat(CORE, new String[]{"run", "diagnostics"}))
                .whereLayer("trainings").mayOnlyAccessLayers(concat(CORE, new String[]{"run", "diagnostics", "program"}))
                .whereLayer("store").mayOnlyAccessLayers("run")
                .whereLayer("datasets").mayOnlyAccessLayers("tensor", "graph", "rows", "run", "store")
                .whereLayer("access").mayOnlyAccessLayers("store")
                .whereLayer("models").mayOnlyAccessLayers(concat(CORE, new String[]{"run", "diagnostics", "store"}))
                .whereLayer("jobs")
                .mayOnlyAccessLayers(concat(CORE, new String[]{"run", "program", "trainings", "store", "access", "bulk"}))
                .whereLayer("bulk").mayOnlyAccessLayers(concat(CORE, new String[]{"run", "datasets"}))
                // Values, graphs and what is asked of them travel through the service; what is done with them is the service's business.
                .whereLayer("web")
                .mayOnlyAccessLayers(
                        concat(SERVICE,
                                new String[]{"face", "training", "language", "explain", "grade", "picture", "tensor", "graph", "op",
                                        "network", "rows", "reduction", "fit"}))
                // Tables that are shown as they are.
                .ignoreDependency(resideInAPackage("io.chainrule.web.."), nameMatching(".*[.]Libraries([$].*)?"))
                .as("dependencies point to rooms further left")
                .allowEmptyShould(true);
    }

    @ArchTest
    static final ArchRule endpointsUseWhatTheyShare = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("shared").definedBy("io.chainrule.web.v1")
            .layer("catalogue").definedBy("io.chainrule.web.v1.catalogue")
            .layer("pictures").definedBy("io.chainrule.web.v1.pictures")
            .layer("keys").definedBy("io.chainrule.web.v1.keys")
            .layer("datasets").definedBy("io.chainrule.web.v1.datasets")
            .layer("models").definedBy("io.chainrule.web.v1.models")
            .layer("training").definedBy("io.chainrule.web.v1.training")
            .layer("jobs").definedBy("io.chainrule.web.v1.jobs")
            .whereLayer("shared").mayNotAccessAnyLayer()
            .whereLayer("catalogue").mayOnlyAccessLayers("shared")
            .whereLayer("pictures").mayOnlyAccessLayers("shared")
            .whereLayer("keys").mayOnlyAccessLayers("shared")
            .whereLayer("datasets").mayOnlyAccessLayers("shared")
            .whereLayer("models").mayOnlyAccessLayers("shared")
            .whereLayer("training").mayOnlyAccessLayers("shared", "models")
            .whereLayer("jobs").mayOnlyAccessLayers("shared", "datasets", "models", "training")
            .as("what endpoints share uses none of them, and jobs may use the others");

    @ArchTest
    static final ArchRule webOnlyWritesNetworksDown = noClasses().that().resideInAPackage("io.chainrule.web..")
            .should().dependOnClassesThat(resideInAPackage("io.chainrule.core.network..").and(not(simpleNameEndingWith("Spec")))
                    .and(not(nameMatching(DEFINITIONS))))
            .as("what becomes of a network is the service's business");

    @ArchTest
    static final ArchRule webOnlyReadsWhatOpsAre = noClasses().that().resideInAPackage("io.chainrule.web..")
            .should().dependOnClassesThat(resideInAPackage("io.chainrule.core.op..").and(not(nameMatching(DEFINITIONS))))
            .as("the web shows definitions to clients, and leaves the rest of ops to the service");

    @ArchTest
    static final ArchRule noCycles = slices().matching("io.chainrule.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule coreIsPlainJava = noClasses().that().resideInAPackage("io.chainrule.core..")
            .should().dependOnClassesThat().resideInAnyPackage("org.springframework..", "org.springdoc..", "io.swagger..",
                    "tools.jackson..", "com.fasterxml.jackson..", "jakarta..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyWebWritesJsonPointers = noMembers().that().areDeclaredInClassesThat(notOfTheWeb())
            .should().haveNameMatching("(?i).*pointer.*")
            .as("core and service name a Place; web writes the JSON Pointer");

    @ArchTest
    static final ArchRule onlyWebHasJsonPointers = noClasses().that(notOfTheWeb()).should().haveNameMatching("(?i).*pointer.*");

    private static DescribedPredicate<JavaClass> notOfTheWeb() {
        return resideInAnyPackage("io.chainrule.core..", "io.chainrule.service..");
    }

    @ArchTest
    static final ArchRule onlySimdNamesTheVectorApi = noClasses().that().resideOutsideOfPackage("io.chainrule.core.kernel.simd..")
            .should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..");

    private static final String TRANSCENDENTAL = "exp|expm1|log|log1p|log10|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|pow|cbrt|hypot";

    @ArchTest
    static final ArchRule theCoreHasElementaryFunctionsOfItsOwn = noClasses().that().resideInAPackage("io.chainrule.core..")
            .should().accessTargetWhere(describe("is a transcendental function of the JDK", ArchitectureTest::isTranscendental))
            .as("the JDK's transcendental functions may differ from machine to machine; those of core.elementary have the same bits");

    private static boolean isTranscendental(JavaAccess<?> access) {
        return (access.getTargetOwner().isEquivalentTo(Math.class) || access.getTargetOwner().isEquivalentTo(StrictMath.class))
                && access.getName().matches(TRANSCENDENTAL);
    }

    private static final String CLOCKS = "(java.lang.System#currentTimeMillis|java.time..*#(now|system.*|millis|instant)|java.util.(Date|Calendar)#.*)";

    /** Deadlines, turns and paces are measured by {@link System#nanoTime}, since the clock of the day may be set while requests run. */
    @ArchTest
    static final ArchRule workIsNotTimedByTheClockOfTheDay = noClasses()
            .that().resideInAnyPackage("io.chainrule.core..", "io.chainrule.service.run..", "io.chainrule.service.program..",
                    "io.chainrule.service.diagnostics..", "io.chainrule.service.training..", "io.chainrule.web.http..")
            .should().accessTargetWhere(describe("reads the clock of the day",
                    access -> (access.getTargetOwner().getName() + "#" + access.getName()).matches(CLOCKS)));

    /** Unless they are told otherwise, buckets of tokens fill by the clock of the day. */
    @ArchTest
    static final ArchRule bucketsFillByTheClockThatNobodySets = classes()
            .that(describe("make buckets", type -> uses(type, "io.github.bucket4j.Bucket#builder") > 0))
            .should(ArchCondition.from(describe("have each fill by TimeMeter.SYSTEM_NANOTIME", type -> uses(type,
                    "io.github.bucket4j.Bucket#builder") == uses(type, "io.github.bucket4j.TimeMeter#SYSTEM_NANOTIME"))));

    private static long uses(JavaClass type, String member) {
        return type.getAccessesFromSelf().stream()
                .filter(access -> (access.getTargetOwner().getName() + "#" + access.getName()).equals(member)).count();
    }

    @ArchTest
    static final ArchRule onlyPicturesAreLaidOut = noClasses().that().resideOutsideOfPackage("io.chainrule.core.picture..")
            .should().dependOnClassesThat().resideInAPackage("org.eclipse..")
            .as("the rest of the core needs no other jar");

    @ArchTest
    static final ArchRule packagesAreNullMarked = classes()
            .should(ArchCondition.from(describe("be in a @NullMarked package", ArchitectureTest::isInNullMarkedPackage)));

    @ArchTest
    static final ArchRule requestsAndResponsesAreRecords = classes().that().resideInAPackage("io.chainrule.web..")
            .and().haveNameMatching(".*(Request|Response)").and().areNotInterfaces()
            .should().beRecords()
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule controllersArePackagePrivate = classes().that().areMetaAnnotatedWith(Controller.class)
            .or().areAnnotatedWith(Controller.class)
            .should().bePackagePrivate()
            .allowEmptyShould(true);

    private static boolean isInNullMarkedPackage(JavaClass type) {
        return type.getPackage().isAnnotatedWith(NullMarked.class);
    }

    private static String[] concat(String[] left, String[] right) {
        return Stream.of(left, right).flatMap(Stream::of).toArray(String[]::new);
    }
}
