package org.sallyport.host.core;

import java.util.List;

/** What a framework knows of grants that plain Java does not: patterns of signers, and its own opinion of filters. */
public interface GrantSyntax {
    /** Plain Java: nobody verifies signatures, so that no plugin has a signer. */
    GrantSyntax PLAIN = new GrantSyntax() {
        @Override
        public void checkFilter(String filter) {}

        @Override
        public void checkSigner(String pattern) {
            throw new IllegalArgumentException("signers are verified in OSGi only; name the location or the digest");
        }

        @Override
        public boolean isSignedBy(String pattern, List<String> chain) {
            return false;
        }
    };

    /** @throws IllegalArgumentException if the framework would not take the filter; says why */
    void checkFilter(String filter);

    /** @throws IllegalArgumentException if it is no pattern for a chain of distinguished names; says why */
    void checkSigner(String pattern);

    /** @param pattern was checked */
    boolean isSignedBy(String pattern, List<String> chain);
}
