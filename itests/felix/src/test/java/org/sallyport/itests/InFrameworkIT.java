package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Replays what ran inside the framework. The bnd plugin runs those tests in a Felix of their own and leaves XML reports;
 * here each reported test becomes a test again, so that Maven counts it and a failure fails the build.
 */
class InFrameworkIT {
    private static final Path REPORTS = Path.of("target/test-reports");

    @TestFactory
    List<DynamicNode> reported() throws Exception {
        List<DynamicNode> runs = new ArrayList<>();
        for (Path bndrun : list(Path.of(""), "*.bndrun")) {
            String name = bndrun.getFileName().toString().replace(".bndrun", "");
            runs.add(DynamicContainer.dynamicContainer(name, tests(REPORTS.resolve(name))));
        }
        assertThat(runs).as("*.bndrun files").isNotEmpty();
        return runs;
    }

    private static List<DynamicTest> tests(Path reports) throws Exception {
        assertThat(reports).as("reports; none means that the framework ended before it ran a test").isDirectory();
        List<DynamicTest> tests = new ArrayList<>();
        for (Path report : list(reports, "TEST-*.xml")) {
            var document = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(report.toFile());
            NodeList cases = document.getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                tests.add(test((Element) cases.item(i)));
            }
        }
        assertThat(tests).as("tests reported in %s", reports).isNotEmpty();
        return tests;
    }

    private static DynamicTest test(Element reported) {
        String type = reported.getAttribute("classname");
        String name = type.substring(type.lastIndexOf('.') + 1) + "." + reported.getAttribute("name");
        return DynamicTest.dynamicTest(name, () -> {
            for (String fault : List.of("error", "failure")) {
                NodeList found = reported.getElementsByTagName(fault);
                if (found.getLength() > 0) {
                    Assertions.fail(fault + " inside the framework: " + found.item(0).getTextContent());
                }
            }
            Assumptions.assumeTrue(reported.getElementsByTagName("skipped").getLength() == 0, "skipped in the framework");
        });
    }

    private static List<Path> list(Path directory, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var files = Files.newDirectoryStream(directory, glob)) {
            files.forEach(found::add);
        }
        found.sort(null);
        return found;
    }
}
