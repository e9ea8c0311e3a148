package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;
import org.sallyport.host.Grant;

/** The shell session of {@code docs/operating.md}, as it is printed there. */
class SessionTest extends PluginTest {
    private static final String PROMPT = "g! sallyport:";

    @TempDir
    Path folder;

    /** A command, and what it is said to answer. */
    private record Exchange(String command, String answer) {}

    private static List<Exchange> session() throws Exception {
        String page;
        try (InputStream in = SessionTest.class.getResourceAsStream("/operating.md")) {
            page = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        String text = page.substring(page.indexOf("```", page.indexOf("<!-- session -->")) + 3);
        List<Exchange> session = new ArrayList<>();
        for (String part : text.substring(0, text.indexOf("```")).strip().split("\n\n(?=" + PROMPT + ")")) {
            int end = part.indexOf('\n');
            session.add(new Exchange(part.substring(PROMPT.length(), end), part.substring(end + 1)));
        }
        return session;
    }

    /** Blanks are as many as the widest cell needs, and {@code …} is anything. */
    private Pattern pattern(String answer) {
        StringBuilder pattern = new StringBuilder();
        for (String line : answer.strip().split("\n")) {
            String[] parts = line.replace("/srv/plugins/", address()).strip().split("…", -1);
            for (int i = 0; i < parts.length; i++) {
                String[] words = parts[i].split(" +", -1);
                for (int j = 0; j < words.length; j++) {
                    pattern.append(j == 0 ? "" : " +").append(Pattern.quote(words[j]));
                }
                pattern.append(i + 1 < parts.length ? "[\\s\\S]*?" : "");
            }
            pattern.append(" *\n *");
        }
        return Pattern.compile(pattern + "\\s*");
    }

    private String address() {
        return folder.toUri().getPath();
    }

    private String answer(String command) throws Exception {
        try {
            return run(command.replace("/srv/plugins/", address())) + "\n";
        } catch (Exception e) {
            return e.getMessage() + "\n";
        }
    }

    @Test
    void isAsTheDocumentSays() throws Exception {
        afterwards(() -> {
            for (Bundle bundle : context.getBundles()) {
                if (bundle.getLocation().startsWith("sallyport:")) {
                    bundle.uninstall();
                }
            }
            Configuration[] grants = configurations.listConfigurations("(service.factoryPid=" + Grant.FACTORY_PID + ")");
            for (Configuration grant : grants == null ? new Configuration[0] : grants) {
                grant.delete();
            }
            return null;
        });
        offer("notes", Notes.class, (caller, value) -> {});
        byte[] sum = PluginBundles.withSection(
                PluginBundles.wasm("adder"), "sallyport", "services=" + Adder.class.getName() + "\ntimeout=2000");
        Files.write(folder.resolve("sum.wasm"), sum);
        Files.write(folder.resolve("truncated.wasm"), Arrays.copyOf(sum, sum.length / 2));
        Files.write(folder.resolve("product.wasm"), org.sallyport.text.Wat.compile("""
                (module (import "notes" "note" (func $note (param i32)))
                  (func (export "add") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1))))
                """));

        List<Exchange> session = session();
        assertThat(session).hasSizeGreaterThan(12);
        for (Exchange exchange : session) {
            String found = answer(exchange.command());
            assertThat(found).as(exchange.command() + " should answer\n" + exchange.answer())
                    .matches(pattern(exchange.answer()));
        }
    }
}
