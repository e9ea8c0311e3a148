package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bnd project of one's own: a plugin in a bundle, a component that uses it, the distribution's host that runs them. */
class DiscountIT {
    @TempDir
    Path temp;

    @Test
    void aBundleWithAPluginRunsInTheHost() throws Exception {
        Machine machine = new Machine(temp);
        Unpacked sallyport = new Unpacked(machine, temp.resolve("opt"));
        Path project = Built.project("discount", temp.resolve("discount"));

        Files.createDirectories(project.resolve("src/main/resources"));
        sallyport.run(project, "wat2wasm", "discount.wat", "-o", "src/main/resources/discount.wasm").well();
        machine.maven(project, "package").well();

        Path plugins = Files.createDirectories(temp.resolve("shop/plugins"));
        Files.copy(project.resolve("org.sallyport.grant-discount.cfg"), plugins.resolve("org.sallyport.grant-discount.cfg"));
        Files.copy(project.resolve("target/com.acme.discount-1.0.0.jar"), plugins.resolve("discount.jar"));
        Path output = temp.resolve("host.txt");
        Process host = machine.process(temp.resolve("shop"), sallyport.command("host"), output);
        try {
            assertThat(Unpacked.waitFor("till: ", host, output)).contains("till: 200 becomes 180");
        } finally {
            host.destroy();
            assertThat(host.waitFor(60, TimeUnit.SECONDS)).as("the host ends by a signal").isTrue();
        }
    }
}
