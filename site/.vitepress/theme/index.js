// The default theme with the fonts of the system: nothing is loaded from elsewhere.
import './style.css';
import Theme from 'vitepress/theme-without-fonts';

export default Theme;
