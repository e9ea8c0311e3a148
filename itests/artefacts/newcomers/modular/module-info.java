module com.acme.hello {
    requires org.sallyport;

    opens com.acme.hello to org.sallyport.engine; // which implements Calculator
}
