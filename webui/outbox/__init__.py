"""What would go out by SMS, mail and group chat, for installations without a gateway and for those who look after one."""
