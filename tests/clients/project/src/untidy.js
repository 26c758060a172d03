var   unused = 1
export function   untidy( a,b ){ if(a == b) { return "same" } debugger
return undefinedName }
