package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What a repository would get: complete, of a licence, with a module's name, and the same whenever it is built. */
class PublishedIT {
    /** Applications and what they are packed in; not for dependencies. */
    private static final Set<String> NOT_PUBLISHED = Set.of("org.sallyport.demo");
    private static final String DEPLOY_SKIP = "maven.deploy.skip";
    /** They stand on jars that are no modules. */
    private static final Set<String> AUTOMATIC = Set.of(
            "org.sallyport.host.osgi", "org.sallyport.shell", "org.sallyport.cli", "org.sallyport.cdi",
            "org.sallyport.cdi.lite",
            "org.sallyport.host.wasi", "org.sallyport.extism", "org.sallyport.dprint", "org.sallyport.opa",
            "org.sallyport.proxywasm", "org.sallyport.console", "org.sallyport.health");

    @Test
    void theBomListsAllBundles() throws Exception {
        Set<String> bundles = new TreeSet<>();
        Set<String> deployed = new TreeSet<>();
        try (Stream<Path> files = Files.find(Built.ROOT, 3, (file, _) -> file.endsWith("bnd.bnd"))) {
            for (Path file : files.toList()) {
                Path pom = file.resolveSibling("pom.xml");
                if (Files.exists(pom) && !file.getParent().equals(Built.ROOT) && !file.startsWith(Built.ROOT.resolve("itests"))) {
                    Element project = read(pom);
                    bundles.add(text(project, "artifactId"));
                    if (children(project, "properties").stream().anyMatch(own -> text(own, DEPLOY_SKIP).equals("false"))) {
                        deployed.add(text(project, "artifactId"));
                    }
                }
            }
        }
        bundles.removeAll(NOT_PUBLISHED);
        assertThat(published()).containsExactlyInAnyOrderElementsOf(bundles).contains("sallyport", "org.sallyport.api");
        assertThat(deployed).as("modules whose POM has %s false: the others are neither installed nor sent", DEPLOY_SKIP)
                .isEqualTo(bundles);
    }

    @TestFactory
    Stream<DynamicTest> everyArtefactIsReadyForARepository() throws Exception {
        return Stream.concat(
                published().stream().map(id -> DynamicTest.dynamicTest(id, () -> ready(id))),
                Stream.of(DynamicTest.dynamicTest("sallyport-bom", () -> describes(Built.artefact("sallyport-bom", ".pom")))));
    }

    private static void ready(String id) throws Exception {
        describes(Built.artefact(id, ".pom"));
        Path file = Built.jar(id);
        try (JarFile jar = new JarFile(file.toFile())) {
            assertThat(new String(jar.getInputStream(jar.getEntry("META-INF/LICENSE")).readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(Files.readString(Built.ROOT.resolve("LICENSE")));
            Attributes manifest = jar.getManifest().getMainAttributes();
            ModuleDescriptor module = ModuleFinder.of(file).findAll().iterator().next().descriptor();
            assertThat(module.name()).isEqualTo(manifest.getValue("Bundle-SymbolicName"));
            assertThat(module.isAutomatic()).isEqualTo(AUTOMATIC.contains(id));
            if (!module.isAutomatic()) {
                sameAsForOsgiAndServiceLoader(module, manifest, jar);
            }
            assertThat(jar.stream().map(entry -> entry.getTimeLocal().toString()).distinct()).as("times in it").hasSize(1);
        }
    }

    /** The module exports what the bundle exports, and provides what the service files name. */
    private static void sameAsForOsgiAndServiceLoader(ModuleDescriptor module, Attributes manifest, JarFile jar) {
        String exports = Objects.requireNonNullElse(manifest.getValue("Export-Package"), "");
        assertThat(module.exports().stream().map(ModuleDescriptor.Exports::source))
                .containsExactlyInAnyOrderElementsOf(Pattern.compile("(?:^|,)([\\w.]+);version")
                        .matcher(exports).results().map(result -> result.group(1)).toList());
        Set<String> services = jar.stream().map(ZipEntry::getName)
                .filter(name -> name.startsWith("META-INF/services/") && !name.endsWith("/"))
                .map(name -> name.substring("META-INF/services/".length()))
                .collect(Collectors.toSet());
        assertThat(module.provides().stream().map(ModuleDescriptor.Provides::service))
                .containsExactlyInAnyOrderElementsOf(services);
        for (ModuleDescriptor.Provides provided : module.provides()) {
            assertThat(provided.providers()).isEqualTo(lines(jar, "META-INF/services/" + provided.service()));
        }
    }

    private static List<String> lines(JarFile jar, String name) {
        try {
            return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What Maven Central wants of a POM; and no parent, which users would have to fetch. */
    private static void describes(Path pom) throws Exception {
        Element project = read(pom);
        for (String element : List.of("groupId", "artifactId", "version", "name", "description", "url", "licenses", "developers",
                "scm")) {
            assertThat(text(project, element)).as("%s of %s", element, pom).isNotBlank();
        }
        assertThat(children(project, "parent")).isEmpty();
        assertThat(children(project, "build")).isEmpty();
    }

    private static List<String> published() throws Exception {
        Element management = children(read(Built.artefact("sallyport-bom", ".pom")), "dependencyManagement").getFirst();
        List<String> ids = new ArrayList<>();
        for (Element dependency : children(children(management, "dependencies").getFirst(), "dependency")) {
            ids.add(text(dependency, "artifactId"));
        }
        return ids;
    }

    private static Element read(Path pom) throws Exception {
        try (var in = Files.newInputStream(pom)) {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in).getDocumentElement();
        } catch (IOException e) {
            throw new IOException(pom.toString(), e);
        }
    }

    private static String text(Element parent, String name) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? "" : found.getFirst().getTextContent().strip();
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }
}
