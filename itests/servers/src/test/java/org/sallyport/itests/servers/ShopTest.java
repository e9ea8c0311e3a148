package org.sallyport.itests.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.itests.support.Browser;

/** The example {@code examples/shop} on Open Liberty: its interface, and its page in a Chromium. */
class ShopTest {
    private static final Path RULES = Path.of("../../examples/shop/src/main/resources/rules");
    private static final String LIST = "list-price.wat";

    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        server = Server.liberty(Path.of(System.getProperty("sallyport.liberty")));
        Files.copy(Path.of(System.getProperty("sallyport.shop")), server.deployments().resolve("shop.war"),
                StandardCopyOption.REPLACE_EXISTING);
        server.await("shop/api/tenants/tea", text -> text.contains("tea.price"));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void startWithTheFirstRules() throws Exception {
        for (String tenant : List.of("tea", "books")) {
            assertThat(deploy(tenant + "/price", Files.readString(RULES.resolve(LIST))).body()).isEqualTo("ACTIVE");
            assertThat(deploy(tenant + "/image", Files.readString(RULES.resolve("as-it-is.wat"))).body()).isEqualTo("ACTIVE");
        }
    }

    private static HttpResponse<String> deploy(String rule, String module) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(server.address("shop/api/tenants/" + rule))
                    .header("Content-Type", "application/octet-stream")
                    .PUT(HttpRequest.BodyPublishers.ofString(module))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void tenantsReplaceTheirOwnRules() throws Exception {
        assertThat(server.get("shop/api/articles?count=3")).contains("\"name\":\"cup\",\"list\":2400,\"price\":2400");
        assertThat(server.get("health/ready")).contains("\"sallyport-plugins\"").contains("\"tea.price\":\"ACTIVE\"");
        assertThat(deploy("tea/price", Files.readString(RULES.resolve("three-for-two.wat"))).body()).isEqualTo("ACTIVE");
        assertThat(server.get("shop/api/articles?count=3"))
                .contains("\"name\":\"cup\",\"list\":2400,\"price\":1600")
                .contains("\"name\":\"atlas\",\"list\":11700,\"price\":11700");
        assertThat(server.get("shop/api/tenants/tea")).contains("\"green tea\",\"cup\"]");
        assertThat(server.get("shop/api/tenants/books")).contains("\"notes\":[").doesNotContain("cup");

        HttpResponse<String> broken = deploy("tea/price", "(module (func (export \"price\") (i32.cnst 1)))");
        assertThat(broken.statusCode()).isEqualTo(400);
        assertThat(broken.body()).contains("i32.cnst");
        assertThat(server.get("shop/api/articles?count=3")).as("the old one stays").contains("\"price\":1600");
        assertThat(deploy("books/taste", "(module)").statusCode()).isEqualTo(400);
        assertThat(deploy("nobody/price", "(module)").statusCode()).isEqualTo(404);

        String endless = Files.readString(RULES.resolve(LIST)).replace("(i64.mul", "(loop $for (br $for)) (i64.mul");
        assertThat(deploy("tea/price", endless).body()).isEqualTo("ACTIVE");
        assertThat(server.get("shop/api/articles?count=3"))
                .as("a tenant's fault is its own")
                .contains("\"name\":\"cup\",\"list\":2400,\"price\":2400,"
                        + "\"problem\":\"the guest was stopped: its deadline has passed")
                .contains("\"name\":\"atlas\",\"list\":11700,\"price\":11700}");
        assertThat(deploy("tea/price", Files.readString(RULES.resolve(LIST))).body()).isEqualTo("ACTIVE");
        assertThat(server.get("shop/api/articles?count=3")).doesNotContain("problem");
    }

    @Test
    void thePageShowsAndDeploysRules(@TempDir Path profile) throws Exception {
        var chromium = Browser.installed();
        assumeTrue(chromium.isPresent(), "SKIPPED: there is no Chromium on the PATH, the shop's page is not tested");
        try (Browser browser = new Browser(chromium.get(), profile, server.address("shop/"))) {
            browser.await("document.body?.dataset.shown", "1");
            browser.await(price("atlas"), "117.00");
            browser.await(colours("atlas"), "200,60,40");

            deployOnPage(browser, "books", "price", "three-for-two.wat");
            browser.await(price("atlas"), "78.00");
            browser.await("document.querySelector('#notes').textContent.includes('atlas')", "true");
            deployOnPage(browser, "books", "image", "grey.wat");
            browser.await(colours("atlas"), "99,99,99");
            browser.await(colours("cup"), "40,80,200");

            browser.evaluate("document.getElementById('text').value = '(module (oops))',"
                    + " document.querySelector('#deploy button').click()");
            browser.await("document.getElementById('answer').className", "bad");
            browser.await(price("atlas"), "78.00");
        }
    }

    private static String price(String article) {
        return "document.getElementById('article-" + article + "').cells[4].textContent";
    }

    /** Red, green and blue in the middle of the article's picture as the page shows it. */
    private static String colours(String article) {
        return "(() => { const canvas = document.createElement('canvas').getContext('2d');"
                + " canvas.drawImage(document.querySelector('#article-" + article + " img'), 0, 0);"
                + " return canvas.getImageData(32, 32, 1, 1).data.slice(0, 3); })()";
    }

    private static void deployOnPage(Browser browser, String tenant, String rule, String file) throws Exception {
        browser.evaluate("document.getElementById('tenant').value = '" + tenant + "'");
        browser.evaluate("document.getElementById('rule').value = '" + rule + "'");
        browser.evaluate("document.getElementById('answer').value = ''");
        browser.evaluate("document.getElementById('text').value = " + Browser.quoted(Files.readString(RULES.resolve(file))));
        browser.evaluate("document.querySelector('#deploy button').click()");
        browser.await("document.getElementById('answer').value", "ACTIVE");
    }
}
