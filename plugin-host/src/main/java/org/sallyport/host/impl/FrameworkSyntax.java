package org.sallyport.host.impl;

import java.util.List;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.sallyport.host.core.GrantSyntax;

/** Filters and patterns of signers, as the framework reads them. */
final class FrameworkSyntax implements GrantSyntax {
    static final FrameworkSyntax ONLY = new FrameworkSyntax();

    private FrameworkSyntax() {}

    @Override
    public void checkFilter(String filter) {
        try {
            FrameworkUtil.createFilter(filter);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public void checkSigner(String pattern) {
        FrameworkUtil.matchDistinguishedNameChain(pattern, List.of("CN=nobody"));
    }

    @Override
    public boolean isSignedBy(String pattern, List<String> chain) {
        return FrameworkUtil.matchDistinguishedNameChain(pattern, chain);
    }
}
