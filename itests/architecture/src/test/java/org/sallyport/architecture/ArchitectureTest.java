package org.sallyport.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.Collectors;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import org.junit.jupiter.api.Test;

/**
 * Holds the arrows of docs/architecture.md: who may see whom. The manifests of {@code itests/felix} hold them between
 * bundles; this test also inside of them, and for what a manifest does not show.
 */
class ArchitectureTest {
    private static final String OURS = "org.sallyport";
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption((Location location) -> !location.contains("architecture"))
            .importPackages(OURS);

    private static final String WASM = "org.sallyport.wasm";
    private static final String API = "org.sallyport";
    private static final String SPI = "org.sallyport.spi";
    /** How Java interfaces and Java values stand for functions and their values. */
    private static final String CONTRACT = "org.sallyport.contract";
    private static final String STEWARD = "org.sallyport.steward";
    private static final List<String> ISAS = List.of("org.sallyport.codegen.x64..", "org.sallyport.codegen.aarch64..");

    /** Everybody may use these: the JDK, and annotations that leave no trace at run time. */
    private static final String[] JDK = {"java..", "org.jspecify..", "org.osgi.annotation.."};

    /** Those who do one part of the work and know the others by contracts only. */
    private static final List<String> PROVIDERS = List.of("loader", "validator", "store", "codegen", "text", "wasi");

    @Test
    void classesOfDifferentPackagesFormNoCycle() {
        assertThat(Arrows.of(ALL).cyclesBetweenPackages()).isEmpty();
    }

    @Test
    void findsCycles() {
        JavaClasses here = new ClassFileImporter().importPackages("org.sallyport.architecture.cycle");
        assertThat(Arrows.of(here).cyclesBetweenPackages()).containsExactly(List.of(
                "org.sallyport.architecture.cycle.One -> org.sallyport.architecture.cycle.other.Two",
                "org.sallyport.architecture.cycle.other.Two -> org.sallyport.architecture.cycle.One"));
    }

    @Test
    void theVocabularyKnowsTheJdkOnly() {
        classes().that().resideInAPackage(WASM)
                .should().onlyDependOnClassesThat().resideInAnyPackage(with(WASM))
                .check(ALL);
    }

    @Test
    void contractsKnowTheVocabularyOnly() {
        classes().that().resideInAnyPackage(API, SPI, CONTRACT)
                .should().onlyDependOnClassesThat().resideInAnyPackage(with(API, SPI, CONTRACT, WASM, STEWARD))
                .check(ALL);
    }

    /** Its classes are defined by a loader that has no others of ours. */
    @Test
    void theStewardKnowsTheJdkOnly() {
        classes().that().resideInAPackage(STEWARD)
                .should().onlyDependOnClassesThat().resideInAnyPackage(with(STEWARD))
                .check(ALL);
    }

    @Test
    void providersKnowContractsOnlyAndNoLibrary() {
        for (String provider : PROVIDERS) {
            String own = OURS + "." + provider + "..";
            classes().that().resideInAPackage(own)
                    .should().onlyDependOnClassesThat().resideInAnyPackage(with(
                            own, API, SPI, WASM, "org.osgi.service.component..", "org.osgi.service.metatype.."))
                    .check(ALL);
        }
    }

    @Test
    void theEngineKnowsContractsOnlyAndOsgi() {
        classes().that().resideInAPackage("org.sallyport.engine..")
                .should().onlyDependOnClassesThat().resideInAnyPackage(with(
                        "org.sallyport.engine..", API, SPI, CONTRACT, WASM, "jdk.jfr..", "org.osgi.framework..",
                        "org.osgi.service.component..", "org.osgi.service.metatype.."))
                .check(ALL);
    }

    @Test
    void thePluginHostKnowsContractsOsgiAndFileInstallOnly() {
        classes().that().resideInAPackage("org.sallyport.host..")
                .should().onlyDependOnClassesThat().resideInAnyPackage(with(
                        "org.sallyport.host..", API, SPI, CONTRACT, WASM, "javax.security.auth.x500..", "javax.management..",
                        "jdk.jfr..", "org.sallyport.wasi", "com.google.common.jimfs..", "org.osgi..",
                        "org.apache.felix.fileinstall.."))
                .check(ALL);
    }

    /** What a program for another machine would not know. */
    @Test
    void onlyTheCodeGeneratorNamesTheIsa() {
        for (String isa : ISAS) {
            noClasses().that().resideOutsideOfPackages(isa, "org.sallyport.codegen")
                    .should().dependOnClassesThat().resideInAPackage(isa)
                    .check(ALL);
        }
    }

    /** Nobody's JVM flag is needed by anybody else, and no other place can crash the process. */
    @Test
    void onlyThreeBundlesCallTheOperatingSystem() {
        noClasses().that().resideOutsideOfPackages(
                        "org.sallyport.store..", "org.sallyport.engine..", "org.sallyport.wasi.fs..")
                .should().dependOnClassesThat().haveFullyQualifiedName("java.lang.foreign.Linker")
                .check(ALL);
    }

    /** The table in docs/architecture.md is what the classes say; {@code -Dbless=true} writes it anew. */
    @Test
    void theDocumentSaysWhatEachPackageSees() throws IOException {
        Path document = Path.of(System.getProperty("sallyport.root"), "docs", "architecture.md");
        String text = Files.readString(document);
        String begin = "<!-- packages: written by ArchitectureTest with -Dbless=true -->\n";
        String end = "<!-- end of packages -->";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(end);
        assertThat(to).as("the marks of the table in %s", document).isGreaterThanOrEqualTo(from);
        String wanted = table(Arrows.of(ALL).packages());
        if (Boolean.getBoolean("bless")) {
            Files.writeString(document, text.substring(0, from) + wanted + text.substring(to));
        } else {
            assertThat(text.substring(from, to)).as("run with -Dbless=true after a meant change").isEqualTo(wanted);
        }
    }

    private static String table(SortedMap<String, SortedSet<String>> packages) {
        StringBuilder table = new StringBuilder("| package | sees |\n|---|---|\n");
        packages.forEach((from, seen) -> table.append("| `").append(from).append("` | ")
                .append(seen.stream().map(ArchitectureTest::brief).collect(Collectors.joining(", ")))
                .append(" |\n"));
        return table.toString();
    }

    /** {@code org.sallyport.codegen.ir} is {@code codegen.ir}; the API itself is {@code org.sallyport}. */
    private static String brief(String packageName) {
        return packageName.equals(OURS) ? OURS : packageName.substring(OURS.length() + 1);
    }

    private static String[] with(String... more) {
        List<String> all = new ArrayList<>(List.of(JDK));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
