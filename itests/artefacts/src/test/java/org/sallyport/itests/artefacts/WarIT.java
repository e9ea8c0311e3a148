package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.itests.servers.Server;

/** An application of one's own for a server: one dependency, one line of settings, a plugin injected. */
class WarIT {
    @TempDir
    Path temp;

    @Test
    void oneDependencyAndOneSetting() throws Exception {
        Machine machine = new Machine(temp);
        Path project = Built.project("war", temp.resolve("till"));
        List<String> lines = Files.readAllLines(project.resolve("src/main/java/com/acme/Till.java"));
        assertThat(lines).filteredOn(line -> !line.isBlank()).hasSizeLessThanOrEqualTo(15);

        machine.maven(project, "package").well();

        Path wildFly = Machine.fromOthers("org.wildfly", "wildfly-dist", System.getProperty("wildfly.version"), ".zip");
        try (Server server = Server.wildFly(wildFly)) {
            Files.copy(project.resolve("target/till.war"), server.deployments().resolve("till.war"));
            server.await("till/greet/Zoe", "Hello, Zoe"::equals);
        }
    }
}
