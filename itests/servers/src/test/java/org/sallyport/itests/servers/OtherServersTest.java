package org.sallyport.itests.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The same applications in servers that the build does not fetch: by hand, with {@code -Dsallyport.glassfish=ZIP} or {@code
 * -Dsallyport.payara=JAR}.
 */
class OtherServersTest {
    private static final String ENGINE = "org.sallyport.engine.EngineImpl";

    @Test
    @EnabledIfSystemProperty(named = "sallyport.glassfish", matches = ".+")
    void glassFish() throws Exception {
        try (Server server = OtherServers.glassFish(Path.of(System.getProperty("sallyport.glassfish")))) {
            War.write(server.deployments().resolve("a.war"), "1");
            server.await("a/state", text -> text.endsWith(" 1"));
            works(server, "a");
            War.write(server.deployments().resolve("a.war"), "2");
            server.await("a/state", text -> text.endsWith(" 2"));
            works(server, "a");
            server.undeploy("a", "/state");
            System.out.println("GlassFish, when all is undeployed: " + server.objectsAtMost(0, ENGINE) + " engines");
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "sallyport.payara", matches = ".+")
    void payaraMicro() throws Exception {
        Path folder = Files.createDirectories(Path.of("target/servers/payara").toAbsolutePath());
        War.write(folder.resolve("a.war"), "1");
        War.write(folder.resolve("b.war"), "1");
        try (Server server = OtherServers.payaraMicro(Path.of(System.getProperty("sallyport.payara")), folder,
                List.of(folder.resolve("a.war"), folder.resolve("b.war")))) {
            server.await("b/state", text -> text.endsWith(" 1"));
            works(server, "a");
            works(server, "b");
        }
    }

    private static void works(Server server, String application) throws Exception {
        assertThat(server.get(application + "/price?cents=1000")).isEqualTo("900");
        assertThat(server.get(application + "/later?cents=100")).as("in a thread of Jakarta Concurrency").isEqualTo("90");
        assertThat(server.get(application + "/update?to=half.wasm")).isEqualTo("ACTIVE");
        assertThat(server.get(application + "/price?cents=1000")).isEqualTo("500");
        assertThat(server.get(application + "/state")).startsWith("ACTIVE 3 ");
    }
}
